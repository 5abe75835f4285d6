package modelstest

import (
	"flag"
	"strconv"
	"testing"
)

// AtOnce has n tests of a package run at the same time, unless -parallel says
// otherwise: as many as there are processors is too few where tests mostly wait.
// It is for a package's TestMain.
func AtOnce(m *testing.M, n int) *testing.M {
	seldom()
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(n))
	}
	return m
}
