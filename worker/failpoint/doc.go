// Package failpoint names places in the program at which the fault lab lets a
// process die, panic or pause. In a normal build a place compiles to nothing;
// with the build tag failpoints the variable FAILPOINTS arms some of them.
package failpoint
