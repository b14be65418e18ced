package bundle

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// TestHeaderRules spoils the header of a good bundle. Seal and Parse apply the
// same rules, so each case goes through both.
func TestHeaderRules(t *testing.T) {
	w := newWorld(t, newEd25519)
	seventeen := make([]string, MaxTo+1)
	for i := range seventeen {
		seventeen[i] = fmt.Sprintf("csr%02d", i)
	}
	for _, c := range []struct {
		name  string
		kind  Kind
		spoil func(*Header)
		want  error
		says  string
	}{
		{"unknown kind", KindCSSCert, func(h *Header) { h.Kind = "\x1b[2J" }, ErrKind, `unknown kind "\x1b[2J"`},
		{"no ceremony", KindCSSCert, func(h *Header) { h.Ceremony = coproc.CeremonyID{} }, ErrFormat, "the ceremony id is missing"},
		{"phase of another kind", KindCSSCert, func(h *Header) { h.Phase = "3b" }, ErrFormat, `phase "3b", it belongs to phase 2b`},
		{"no phase", KindCSSCert, func(h *Header) { h.Phase = "" }, ErrFormat, `phase ""`},
		{"no sequence", KindCSSCert, func(h *Header) { h.Sequence = 0 }, ErrFormat, "sequence 0"},
		{"time before 1970", KindCSSCert, func(h *Header) { h.Time = -1 }, ErrFormat, "time -1"},
		{"time after 9999", KindCSSCert, func(h *Header) { h.Time = maxTime + 1 }, ErrFormat, "time 253402300800"},
		{"no name", KindCSSCert, func(h *Header) { h.From.Name = "" }, ErrFormat, `node name ""`},
		{"upper-case name", KindCSSCert, func(h *Header) { h.From.Name = "SA" }, ErrFormat, `node name "SA"`},
		{"name with a path", KindCSSCert, func(h *Header) { h.From.Name = "../sa" }, ErrFormat, `node name "../sa"`},
		{"long name", KindCSSCert, func(h *Header) { h.From.Name = "abcdefghijklm" }, ErrFormat, `node name "abcdefghijklm"`},
		{"name that begins with a digit", KindCSSCert, func(h *Header) { h.From.Name = "1sa" }, ErrFormat, `node name "1sa"`},
		{"serial for a terminal", KindCSSCert, func(h *Header) { h.From.Serial[0] = 27 }, ErrFormat, `serial number "\x1bOFT0001"`},
		{"no serial", KindCSSCert, func(h *Header) { h.From.Serial = coproc.Serial{} }, ErrFormat, "serial number"},
		{"EID for a terminal", KindCSSCert, func(h *Header) { h.From.EID[0] = 27 }, ErrFormat, `environment id "\x1b`},
		{"EID filled with zeros", KindCSSCert, func(h *Header) { h.From.EID[15] = 0 }, ErrFormat, "environment id"},
		{"no EID", KindCSSCert, func(h *Header) { h.From.EID = coproc.EID{} }, ErrFormat, "environment id"},
		{"for nobody", KindCSSCert, func(h *Header) { h.To = nil }, ErrFormat, "addressed to 0 nodes"},
		{"for too many", KindCSSCert, func(h *Header) { h.To = seventeen }, ErrFormat, "addressed to 17 nodes"},
		{"not sorted", KindCSRCert, func(h *Header) { h.To = []string{"css", "csr1"} }, ErrFormat, "are not sorted, or not unique"},
		{"twice", KindCSRCert, func(h *Header) { h.To = []string{"csr1", "csr1"} }, ErrFormat, "are not sorted, or not unique"},
		{"for a bad name", KindCSRCert, func(h *Header) { h.To[0] = "a\nb" }, ErrFormat, `node name "a\nb"`},
		{"statement for two", KindStatement, func(h *Header) { h.To = []string{"csr1", "csr2"} }, ErrFormat, "addressed to 2 nodes"},
		{"share for two", KindShare, func(h *Header) { h.To = []string{"csr1", "csr2"} }, ErrFormat, "addressed to 2 nodes"},
		{"sa-key for one", KindSAKey, func(h *Header) { h.To = []string{"css"} }, ErrFormat, "addressed to 1 nodes"},
		{"answers nothing", KindCSSCert, func(h *Header) { h.Answers = coproc.Digest{} }, ErrFormat, "the digest of the bundle that it answers is missing"},
		{"sa-key answers", KindSAKey, func(h *Header) { h.Answers[0] = 1 }, ErrFormat, "the digest of the bundle that it answers does not belong there"},
		{"no share", KindShare, func(h *Header) { h.Share = nil }, ErrFormat, "the share is missing"},
		{"share 0", KindShare, func(h *Header) { h.Share.Index = 0 }, ErrFormat, "share 0 of"},
		{"share 16", KindShare, func(h *Header) { h.Share.Index = 16 }, ErrFormat, "share 16 of"},
		{"no share set", KindShare, func(h *Header) { h.Share.Set = coproc.ShareSetID{} }, ErrFormat, "share 2 of share set 0000"},
		{"share in a statement", KindStatement, func(h *Header) { h.Share = &ShareRef{coproc.ShareSetID{1}, 1} }, ErrFormat, "the share does not belong there"},
		{"no key", KindCSSKey, func(h *Header) { h.Key = nil }, ErrFormat, "the key is missing"},
		{"bad key", KindCSRKey, func(h *Header) { h.Key[5] ^= 1 }, ErrFormat, "not a usable public key"},
		{"key in a certificate", KindCSSCert, func(h *Header) { h.Key = w.sa.Public().Bytes() }, ErrFormat, "the key does not belong there"},
		{"no certificate", KindStatement, func(h *Header) { h.Certificate = nil }, ErrFormat, "the certificate is missing"},
		{"certificate in a share", KindShare, func(h *Header) { h.Certificate = []byte{1} }, ErrFormat, "the certificate does not belong there"},
		{"about nobody", KindCSRCert, func(h *Header) { h.About = "" }, ErrFormat, "the node that it is about is missing"},
		{"about another", KindCSRCert, func(h *Header) { h.About = "csr2" }, ErrFormat, `it is about "csr2", which it is not addressed to`},
		{"cancel about another", KindCancel, func(h *Header) { h.About = "csr2" }, ErrFormat, `it is about "csr2", which it is not addressed to`},
		{"revoke about no name", KindRevoke, func(h *Header) { h.About = "\x1b" }, ErrFormat, `node name "\x1b"`},
		{"revoke to one node", KindRevoke, func(h *Header) { h.To = []string{"csr1"} }, ErrFormat, "addressed to 1 nodes"},
		{"journal in a phase", KindJournal, func(h *Header) { h.Phase = "3d" }, ErrFormat, `phase "3d", it belongs to phase none`},
		{"journal without a key", KindJournal, func(h *Header) { h.Key = nil }, ErrFormat, "the key is missing"},
		{"about, in a css-cert", KindCSSCert, func(h *Header) { h.About = "css" }, ErrFormat, "the node that it is about does not belong there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := w.header(c.kind)
			c.spoil(&h)
			check := func(what string, err error) {
				t.Helper()
				if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v, want %q", what, err, c.says)
				}
			}
			_, err := w.sealAs(h, w.body(c.kind))
			check("Seal", err)
			h.Level = Level
			_, err = Parse(forge(w.signer(c.kind), must(protectedFor(h, w.signer(c.kind).Public())), w.bundles[c.kind].message.Payload))
			check("Parse", err)
		})
	}
}

func TestNames(t *testing.T) {
	d := coproc.Digest{0x1a, 0x2b, 0x3c, 0x4d}
	long := strings.Repeat("n", maxNodeName)
	for _, c := range []struct {
		h              Header
		name, database string
	}{
		{Header{Kind: KindSAKey, From: coproc.NodeID{Name: "sa"}, Sequence: 1}, "sa-key-sa-0001-1a2b3c4d.gfb", "sa.db"},
		{Header{Kind: KindCSSKey, From: coproc.NodeID{Name: "css"}, Sequence: 2}, "css-key-css-0002-1a2b3c4d.gfb", "sa.db"},
		{Header{Kind: KindCSSCert, From: coproc.NodeID{Name: "sa"}, Sequence: 3, To: []string{"css"}}, "css-cert-sa-0003-1a2b3c4d.gfb", "sa.db"},
		{Header{Kind: KindCSRKey, From: coproc.NodeID{Name: "csr1"}, Sequence: 4, To: []string{"sa"}}, "csr-key-csr1-0004-1a2b3c4d.gfb", "csr1.db"},
		{Header{Kind: KindCSRCert, From: coproc.NodeID{Name: "sa"}, Sequence: 5, To: []string{"csr1", "css"}, About: "csr1"}, "csr-cert-sa-0005-1a2b3c4d.gfb", "csr1.db"},
		{Header{Kind: KindStatement, From: coproc.NodeID{Name: long}, Sequence: 12345, To: []string{"csr1"}}, "statement-nnnnnnnnnnnn-2345-1a2b3c4d.gfb", "csr1.db"},
		{Header{Kind: KindShare, From: coproc.NodeID{Name: "css"}, Sequence: 7, To: []string{"csr1"}, Share: &ShareRef{Index: 2}}, "share-02-csr1-0007-1a2b3c4d.gfb", "csr1.db"},
		{Header{Kind: KindShare, From: coproc.NodeID{Name: "css"}, Sequence: 7, To: []string{long}, Share: &ShareRef{Index: 15}}, "share-15-nnnnnnnnnnnn-0007-1a2b3c4d.gfb", long + ".db"},
		{Header{Kind: KindReceipt, From: coproc.NodeID{Name: "csr1"}, Sequence: 8, To: []string{"css", "sa"}}, "receipt-csr1-0008-1a2b3c4d.gfb", "csr1.db"},
		{Header{Kind: KindCancel, From: coproc.NodeID{Name: long}, Sequence: 9, To: []string{"csr1", "sa"}, About: "csr1"}, "cancel-nnnnnnnnnnnn-0009-1a2b3c4d.gfb", "csr1.db"},
		{Header{Kind: KindRevoke, From: coproc.NodeID{Name: long}, Sequence: 10, About: "csr1"}, "revoke-nnnnnnnnnnnn-0010-1a2b3c4d.gfb", "sa.db"},
		{Header{Kind: KindJournal, From: coproc.NodeID{Name: "css"}, Sequence: 11}, "journal-css-0011-1a2b3c4d.gfb", "css.db"},
	} {
		if got := c.h.FileName(d); got != c.name || len(got) > MaxFileName {
			t.Errorf("FileName is %q (%d characters), want %q", got, len(got), c.name)
		}
		if got := c.h.Database(); got != c.database {
			t.Errorf("Database of %s is %q, want %q", c.h.Kind, got, c.database)
		}
	}
}

// TestTables holds the kinds, their rules and the phases together.
func TestTables(t *testing.T) {
	if len(kindRules) != len(Kinds) {
		t.Fatalf("%d kinds, %d rules", len(Kinds), len(kindRules))
	}
	for i, k := range Kinds {
		if kindRules[i].kind != k {
			t.Errorf("rule %d is of %q, want %q", i, kindRules[i].kind, k)
		}
		apart := k == KindCancel || k == KindRevoke || k == KindJournal
		if apart != (k.Phase() == "") || !apart && !slices.Contains(Phases, k.Phase()) {
			t.Errorf("%s has phase %q", k, k.Phase())
		}
	}
}
