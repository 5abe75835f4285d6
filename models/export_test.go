package models

// ConnToCommit is for tests outside this package, which bring a server.
var ConnToCommit = connToCommit
