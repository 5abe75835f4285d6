#!/usr/bin/env bash
# gocraft/work's periodic jobs read a cron line of five fields with robfig/cron v1,
# whose first field is seconds. We schedule with a rule of our own for this reason.
. "$(dirname "$0")/lib.bash"
needs redis-server redis-server
redis=$(port); redis-server --port "$redis" --bind 127.0.0.1 --save "" >/dev/null & started+=($!)
listening "$redis"
module github.com/gocraft/work@v0.5.1 github.com/gomodule/redigo@v1.9.3
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/gocraft/work"
	"github.com/gomodule/redigo/redis"
)

func main() {
	servers := &redis.Pool{MaxActive: 5, Wait: true, Dial: func() (redis.Conn, error) { return redis.Dial("tcp", os.Args[1]) }}
	pool := work.NewWorkerPool(struct{}{}, 1, "finding", servers)
	pool.PeriodicallyEnqueue("*/5 * * * *", "report")
	pool.Job("report", func(*work.Job) error { return nil })
	pool.Start()
	defer pool.Stop()
	conn := servers.Get()
	defer conn.Close()
	for range 100 {
		scores, err := redis.Strings(conn.Do("ZRANGE", "finding:scheduled", 0, -1, "WITHSCORES"))
		if err == nil && len(scores) >= 8 {
			var first, second int64
			fmt.Sscan(scores[1], &first)
			fmt.Sscan(scores[3], &second)
			fmt.Println(second - first)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	fmt.Println("nothing was planned")
}
GO
go mod tidy >/dev/null 2>&1
apart=$(go run . "127.0.0.1:$redis")
echo "gocraft/work v0.5.1 with robfig/cron $(go list -m -f '{{.Version}}' github.com/robfig/cron), $(redis-server --version | cut -d' ' -f1-3)"
echo "expected: PeriodicallyEnqueue(\"*/5 * * * *\", …) runs every five minutes, as a crontab does"
holds "its jobs stand $apart seconds apart: the first of five fields is seconds" [ "$apart" = 5 ]
