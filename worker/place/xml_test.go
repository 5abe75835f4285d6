package place

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

func TestValuesInXML(t *testing.T) {
	for text, wanted := range map[string]string{
		`<R>«v»</R>`:                        "<R>a&#34; b=&#39;&lt;/R&gt;&amp;]]&gt;--&gt;</R>",
		`<R a="«v»" b='«v»'/>`:              "<R a=\"a&#34; b=&#39;&lt;/R&gt;&amp;]]&gt;--&gt;\" b='a&#34; b=&#39;&lt;/R&gt;&amp;]]&gt;--&gt;'/>",
		`<!-- a > "b --><R>«v»</R>`:         "<!-- a > \"b --><R>a&#34; b=&#39;&lt;/R&gt;&amp;]]&gt;--&gt;</R>",
		`<R a="1>2">«v»</R>`:                "<R a=\"1>2\">a&#34; b=&#39;&lt;/R&gt;&amp;]]&gt;--&gt;</R>",
		`<R>it's</R><S>«v»</S>`:             "<R>it's</R><S>a&#34; b=&#39;&lt;/R&gt;&amp;]]&gt;--&gt;</S>",
		`<«v»>`:                             "",
		`<R «v»="1">`:                       "",
		`<!-- «v» -->`:                      "",
		`<R><![CDATA[ "«v» ]]></R>`:         "",
		`<?xml version="1.0"?><R>«nil»</R>`: `<?xml version="1.0"?><R></R>`,
	} {
		got, err := XML(pieces(text, map[string]any{"v": `a" b='</R>&]]>-->`, "nil": nil}))
		if (err != nil) != (wanted == "") || got != wanted {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
}

func FuzzDataNeverBecomesElements(f *testing.F) {
	f.Add(`<a>b</a>`)
	f.Add(`" x="1`)
	f.Add(`]]>`)
	f.Fuzz(func(t *testing.T, value string) {
		got, err := XML(pieces(`<R a="«v»">«v»</R>`, map[string]any{"v": value}))
		if err != nil {
			t.Fatal(err)
		}
		elements, decoder := 0, xml.NewDecoder(strings.NewReader(got))
		for {
			token, err := decoder.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%q gives %q: %v", value, got, err)
			}
			if start, is := token.(xml.StartElement); is {
				if elements++; len(start.Attr) != 1 {
					t.Fatalf("%q gives %q", value, got)
				}
			}
		}
		if elements != 1 {
			t.Fatalf("%q gives %q", value, got)
		}
	})
}
