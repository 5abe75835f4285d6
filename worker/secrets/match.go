package secrets

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// maxHead is how much of a form is kept to find where it may begin. The rest of a
// longer one is written anew where that is found.
const maxHead = 128

// pattern is one value to look for.
type pattern struct {
	value, mark string
}

// entry is one form of a pattern.
type entry struct {
	head  string // the form's first bytes, at most maxHead
	size  int    // of the whole form
	nth   int    // which of the pattern's forms it is
	outer int    // the next shorter entry that begins alike; -1 when there is none
	word  bool   // found only where it stands alone
	of    *pattern
}

// entries are the forms of a pattern, sorted.
func (p *pattern) entries() []entry {
	texts := forms(p.value)
	list := make([]entry, len(texts))
	for i, text := range texts {
		list[i] = entry{head: text, size: len(text), nth: i, of: p, word: len(p.value) < shortWord || len(text) < shortWord}
		if len(text) > maxHead {
			list[i].head = strings.Clone(text[:maxHead])
		}
	}
	slices.SortFunc(list, inOrder)
	return list
}

func inOrder(a, b entry) int {
	return cmp.Or(strings.Compare(a.head, b.head), cmp.Compare(a.size, b.size))
}

// merged are two sorted lists as one.
func merged(a, b []entry) []entry {
	all := make([]entry, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if inOrder(a[0], b[0]) <= 0 {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}

// matcher finds entries in texts. It takes time in proportion to the text, however
// many entries there are and however long they are. It is never changed.
type matcher struct {
	entries []entry // sorted
	words   bool    // whether any stands alone
	// begins has a bit for a hash of the first four bytes of each entry: few places
	// in a text need a closer look.
	begins []uint64
	shift  uint
}

func newMatcher(sorted []entry) *matcher {
	m := &matcher{entries: sorted}
	bits := uint(12)
	for 1<<bits < 32*len(sorted) && bits < 24 {
		bits++
	}
	m.begins, m.shift = make([]uint64, 1<<bits/64), 32-bits
	var within []int // each begins with the one before
	for i := range sorted {
		e := &sorted[i]
		for len(within) > 0 && !strings.HasPrefix(e.head, sorted[within[len(within)-1]].head) {
			within = within[:len(within)-1]
		}
		e.outer = -1
		if len(within) > 0 {
			e.outer = within[len(within)-1]
		}
		within = append(within, i)
		m.words = m.words || e.word
		h := hash(first(e.head)) >> m.shift
		m.begins[h>>6] |= 1 << (h & 63)
	}
	return m
}

func first(text string) uint32 {
	return uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
}

func hash(x uint32) uint32 { return x * 0x9E3779B1 }

// search goes through one text, forwards.
type search struct {
	*matcher
	text  string
	words bool // whether entries count that stand alone
	long  map[int]*long
	forms map[*pattern][]string // of those that long ones are of
}

// long is where an entry that is longer than its head is next in the text.
type long struct {
	form string
	next int // len(text) when nowhere
}

// replace puts marks in the places of entries. Where some overlap, nothing of any
// of them stays.
func (m *matcher) replace(text string, words bool) string {
	s := &search{matcher: m, text: text, words: words && m.words}
	var out strings.Builder
	done := 0
	for {
		at, found := s.find(done)
		if found < 0 {
			break
		}
		out.WriteString(text[done:at])
		out.WriteString(m.entries[found].of.mark)
		end, last := at+m.entries[found].size, m.entries[found].of
		for inside := at + 1; inside < end; inside++ {
			if e := s.at(inside); e >= 0 && inside+m.entries[e].size > end {
				end = inside + m.entries[e].size
				if of := m.entries[e].of; of != last {
					out.WriteString(of.mark)
					last = of
				}
			}
		}
		done = end
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// find is the next place from there on where an entry is, and the longest of those.
func (s *search) find(from int) (at int, found int) {
	for i := from; i+shortest <= len(s.text); i++ {
		h := hash(first(s.text[i:i+shortest])) >> s.shift
		if s.begins[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		if e := s.at(i); e >= 0 {
			return i, e
		}
	}
	return 0, -1
}

// at is the longest entry that is at this place, -1 when there is none. Whatever
// the text begins with there is the last entry that sorts before it, or one that
// this begins with.
func (s *search) at(i int) int {
	if i+shortest > len(s.text) {
		return -1
	}
	rest := s.text[i:min(i+maxHead, len(s.text))]
	e := sort.Search(len(s.entries), func(n int) bool { return s.entries[n].head > rest }) - 1
	for ; e >= 0; e = s.entries[e].outer {
		entry := &s.entries[e]
		if !strings.HasPrefix(rest, entry.head) || entry.size > len(entry.head) && !s.goesOn(e, i) {
			continue
		}
		if !entry.word || s.words && alone(s.text, i, i+entry.size) {
			return e
		}
	}
	return -1
}

// goesOn reports whether the whole of a long entry is at this place. It looks for
// the next place where it is, so that a text of many beginnings is read once.
func (s *search) goesOn(e, i int) bool {
	known := s.long[e]
	if known == nil {
		if s.long == nil {
			s.long, s.forms = map[int]*long{}, map[*pattern][]string{}
		}
		of := s.entries[e].of
		if s.forms[of] == nil {
			s.forms[of] = forms(of.value)
		}
		known = &long{form: s.forms[of][s.entries[e].nth], next: -1}
		s.long[e] = known
	}
	if known.next < i {
		known.next = len(s.text)
		if further := strings.Index(s.text[i:], known.form); further >= 0 {
			known.next = i + further
		}
	}
	return known.next == i
}
