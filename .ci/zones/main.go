// Zones packs a folder of compiled time zones into the data that the programs carry:
//
//	apt-get download tzdata && dpkg-deb -x tzdata_*.deb /tmp/tz
//	go run .ci/zones/main.go /tmp/tz/usr/share/zoneinfo worker/moment/zones
//
// It writes zones.bin, the zones one behind the other, each compressed by what stands before all
// of them, and beside it zones.txt: the version, the day on which Debian made it and the length of
// what stands before; then of each zone where it ends, or the zone that has the same data.
package main

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := pack(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

// alike are zones that many others are like in part: their data is what the others are
// compressed by, which halves them.
var alike = strings.Fields(`Africa/Casablanca America/Argentina/Buenos_Aires America/Mexico_City America/Sao_Paulo Asia/Tehran Asia/Jerusalem
	Asia/Almaty Europe/Lisbon Europe/Moscow America/Los_Angeles America/Chicago Australia/Sydney Europe/Paris Europe/London Europe/Berlin America/New_York`)

// longestDictionary is how far back deflate looks.
const longestDictionary = 32 << 10

func pack(folder, to string) error {
	var dictionary []byte
	for _, name := range alike {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		dictionary = append(dictionary, data...)
	}
	dictionary = dictionary[max(0, len(dictionary)-longestDictionary):]
	packed := bytes.NewBuffer(slices.Clone(dictionary))
	var index strings.Builder
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
		if same, there := names[string(data)]; there { // two in five are another zone under an older name
			fmt.Fprintln(&index, filepath.ToSlash(name), same)
			return nil
		}
		names[string(data)] = filepath.ToSlash(name)
		w, err := flate.NewWriterDict(packed, flate.BestCompression, dictionary)
		if err == nil {
			_, err = w.Write(data)
		}
		if err == nil {
			err = w.Close()
		}
		fmt.Fprintln(&index, filepath.ToSlash(name), packed.Len())
		return err
	})
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
	note := fmt.Sprintf("%s %s %d\nThe compiled zones of Debian's package tzdata, made by .ci/zones.\n%s", version, made.ModTime().UTC().Format("2006-01-02"), len(dictionary), index.String())
	if err := os.WriteFile(to+".txt", []byte(note), 0o644); err != nil {
		return err
	}
	return os.WriteFile(to+".bin", packed.Bytes(), 0o644)
}
