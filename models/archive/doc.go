// Package archive writes what an installation keeps into one file, a backup, and puts
// such a file back into an empty database. The file is the same whichever database it
// comes from, so that one of SQLite goes into PostgreSQL and the other way.
//
// A backup is gzip over lines of JSON: an object that says what it is (Header); for each
// table an object with its name and columns, and an array for each row; at the end an
// object with the number of rows and the SHA-256 of all lines before. Texts, JSON
// documents among them, stand as they are; times are RFC 3339 with microseconds; bytes
// are base64. Columns are read from the database, so that a backup is of whatever schema
// the database has, and a table of an older one is put back as it was then.
//
// Writing reads one snapshot, row by row, and holds nobody up. Restoring is one
// transaction, on a database that nobody else uses: all of the file, or nothing.
//
// A new table is named in tables.go, as one that a backup carries or one that it leaves
// out, with why; a test fails until it is. What becomes of runs and planned times after a
// restore is not decided here: the database is marked (models.Restored), and waits.
//
// It may import models and models/columns.
package archive
