package media

import (
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	long := strings.Repeat("a", 36)
	for _, c := range []struct{ name, why string }{
		{"css-key-css-0002-1a2b3c4d.gfb", ""},
		{"-.x", ""},
		{"gapferry.stick", ""},
		{long + ".gfb", ""},
		{long + "a.gfb", "longer than 40 bytes"},
		{"", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{".gfb", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"a.", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"a", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"a.b.c", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"a.b-c", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"A.gfb", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"a.GFB", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"../a.gfb", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"a/b.gfb", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"a b.gfb", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"a_b.gfb", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"ä.gfb", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"a.gfb\n", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"a\x00.gfb", "not of the form [a-z0-9-]+.[a-z0-9]+"},
		{"a.tmp", "ends in .tmp, which marks an unfinished file"},
		{"con.gfb", "is the name of a device on Windows"},
		{"lpt1.gfb", "is the name of a device on Windows"},
		{"com10.gfb", ""},
		{"comx.gfb", ""},
	} {
		want := ""
		if c.why != "" {
			want = `name "` + Escape(c.name) + `": ` + c.why
		}
		wantErr(t, CheckName(c.name), "", want)
	}
}

func TestCheckFolder(t *testing.T) {
	for _, c := range []struct{ name, why string }{
		{"sa.db", ""},
		{"csr12.db", ""},
		{strings.Repeat("a", 37) + ".db", ""},
		{strings.Repeat("a", 38) + ".db", "longer than 40 bytes"},
		{"", "not of the form [a-z0-9-]+.db"},
		{".db", "not of the form [a-z0-9-]+.db"},
		{"sa", "not of the form [a-z0-9-]+.db"},
		{"sa.dbx", "not of the form [a-z0-9-]+.db"},
		{"SA.db", "not of the form [a-z0-9-]+.db"},
		{"sa.DB", "not of the form [a-z0-9-]+.db"},
		{"../sa.db", "not of the form [a-z0-9-]+.db"},
		{"a/sa.db", "not of the form [a-z0-9-]+.db"},
		{"a.b.db", "not of the form [a-z0-9-]+.db"},
		{"nul.db", "is the name of a device on Windows"},
	} {
		want := ""
		if c.why != "" {
			want = `name "` + Escape(c.name) + `": ` + c.why
		}
		wantErr(t, CheckFolder(c.name), "", want)
	}
}

func TestTempNames(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		name := tempName()
		if !isTemp(name) || CheckName(name) == nil || seen[name] {
			t.Errorf("temporary name %q", name)
		}
		seen[name] = true
	}
	for _, name := range []string{
		"", "gfabcdef.tm", "gfabcde.tmp", "gfabcdefg.tmp", "gfABCDEF.tmp", "gfabcde1.tmp",
		"xfabcdef.tmp", "gfabcdef.TMP", "gfabc ef.tmp", "report.tmp", "a/gfabcdef.tmp",
	} {
		if isTemp(name) {
			t.Errorf("%q is taken for one of ours", name)
		}
	}
}
