package static

import (
	"bytes"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// iconFile is served with all icons in it, each a symbol by its name: pages only refer to
// them, and browsers keep it.
const iconFile = "icons.svg"

// Icon returns the address of a Lucide icon, drawn on a grid of 24×24, for the href of a
// <use>; "" where there is none of that name.
func Icon(name string) string { return icons()[name] }

// icons are the addresses of all icons by their names: a page of a hundred steps asks for
// five hundred.
var icons = sync.OnceValue(func() map[string]string {
	addresses := map[string]string{}
	for _, file := range iconFiles() {
		name := iconName(file)
		addresses[name] = URL(iconFile) + "#" + name
	}
	return addresses
})

// allIcons joins the files of the single icons.
func allIcons() []byte {
	var all bytes.Buffer
	all.WriteString("<!-- @license lucide-static - ISC, see https://lucide.dev/license -->\n<svg xmlns=\"http://www.w3.org/2000/svg\">\n")
	for _, file := range iconFiles() {
		all.WriteString(`<symbol id="` + iconName(file) + `" viewBox="0 0 24 24">` + shapesOf(string(read(file))) + "</symbol>\n")
	}
	all.WriteString("</svg>\n")
	return all.Bytes()
}

func iconFiles() []string {
	names, _ := fs.Glob(files, "icons/*.svg") // fails only for a bad pattern
	return names
}

func iconName(file string) string { return strings.TrimSuffix(path.Base(file), ".svg") }

// shapesOf strips the outer element, the licence comment and line breaks: how an icon is
// drawn comes from the style of the page that uses it.
func shapesOf(svg string) string {
	start := strings.Index(svg, "<svg")
	open := start + strings.Index(svg[start:], ">") + 1
	inner := svg[open:strings.LastIndex(svg, "</svg>")]
	return strings.ReplaceAll(strings.Join(strings.Fields(inner), " "), "> <", "><")
}
