package environment

import (
	"fmt"
	"io"

	"workflows/models/outward"
)

// Complain prints why a program ends, for the person at its terminal, through clean,
// which takes out secrets. It returns the program's exit code.
func Complain(err error, to io.Writer, clean func(io.Writer) io.Writer) int {
	fmt.Fprintln(clean(to), outward.Error(err))
	return 1
}
