package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const ticksPerSec = 100 // of /proc/PID/stat, on every Linux

// processStat is what Linux tells of a process.
type processStat struct {
	parent int
	name   string
	cpu    time.Duration // its own, and that of its children that have ended
}

// statOf reads what is known of a process; false where it is gone or the system
// is another one.
func statOf(id int) (processStat, bool) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(id) + "/stat")
	if err != nil {
		return processStat{}, false
	}
	text := string(data)
	open, shut := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	fields := strings.Fields(text[shut+1:])
	parent, _ := strconv.Atoi(fields[1])
	ticks := 0
	for _, field := range fields[11:15] {
		n, _ := strconv.Atoi(field)
		ticks += n
	}
	return processStat{parent, text[open+1 : shut], time.Duration(ticks) * time.Second / ticksPerSec}, true
}

// descendants is the processor time of all processes below this one, by program.
func descendants() map[string]time.Duration {
	all := map[int]processStat{}
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		id, _ := strconv.Atoi(filepath.Base(folder))
		if stat, ok := statOf(id); ok {
			all[id] = stat
		}
	}
	total := map[string]time.Duration{}
	for _, stat := range all {
		above := stat.parent
		for above > 1 && above != os.Getpid() {
			above = all[above].parent
		}
		if above == os.Getpid() {
			total[stat.name] += stat.cpu
		}
	}
	return total
}

// memoryMB is the resident memory of a process, where the system tells it.
func memoryMB(id int) float64 {
	kB, _ := strconv.ParseFloat(strings.TrimSuffix(lineOf("/proc/"+strconv.Itoa(id)+"/status", "VmRSS"), " kB"), 64)
	return round(kB / 1024)
}

// peakMB is the most resident memory that a process has had, where the system
// tells it.
func peakMB(id int) float64 {
	kB, _ := strconv.ParseFloat(strings.TrimSuffix(lineOf("/proc/"+strconv.Itoa(id)+"/status", "VmHWM"), " kB"), 64)
	return round(kB / 1024)
}

// memoryWatch looks again and again at how much memory a process has.
type memoryWatch struct {
	quit chan struct{}
	most chan float64
}

func watchMemory(id int) *memoryWatch {
	w := &memoryWatch{make(chan struct{}), make(chan float64)}
	go func() {
		ticker := time.NewTicker(50 * time.Millisecond)
		defer ticker.Stop()
		most := 0.0
		for {
			most = max(most, memoryMB(id))
			select {
			case <-ticker.C:
			case <-w.quit:
				w.most <- most
				return
			}
		}
	}()
	return w
}

// stop returns the most that was seen.
func (w *memoryWatch) stop() float64 {
	close(w.quit)
	return <-w.most
}
