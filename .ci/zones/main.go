// Zones packs a folder of compiled time zones into the data that the programs carry:
//
//	apt-get download tzdata && dpkg-deb -x tzdata_*.deb /tmp/tz
//	go run .ci/zones/main.go /tmp/tz/usr/share/zoneinfo worker/moment/zones
//
// It writes zones.zip, in which what is stored uncompressed is the name of the zone that has the
// same data, and, beside it, zones.txt with the version and the day on which
// Debian made it.
package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := pack(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func pack(folder, to string) error {
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestCompression) })
	names := map[string]string{} // of zones, by their data
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(folder, path)
		if err != nil || entry.IsDir() {
			if name == "posix" || name == "right" {
				return filepath.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(data, []byte("TZif")) || name == "localtime" || name == "posixrules" || name == "Factory" {
			return err
		}
		header := zip.FileHeader{Name: filepath.ToSlash(name), Method: zip.Deflate}
		if same, there := names[string(data)]; there { // two in five are another zone under an older name
			header.Method, data = zip.Store, []byte(same)
		} else {
			names[string(data)] = header.Name
		}
		file, err := w.CreateHeader(&header)
		if err == nil {
			_, err = file.Write(data)
		}
		return err
	})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return err
	}
	zi := filepath.Join(folder, "tzdata.zi")
	text, err := os.ReadFile(zi)
	if err != nil {
		return err
	}
	made, err := os.Stat(zi)
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	version := strings.TrimPrefix(first, "# version ")
	note := fmt.Sprintf("%s %s\nThe compiled zones of Debian's package tzdata, made by .ci/zones.\n", version, made.ModTime().UTC().Format("2006-01-02"))
	if err := os.WriteFile(to+".txt", []byte(note), 0o644); err != nil {
		return err
	}
	return os.WriteFile(to+".zip", packed.Bytes(), 0o644)
}
