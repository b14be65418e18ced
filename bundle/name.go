package bundle

import (
	"fmt"

	"github.com/gapferry/gapferry/coproc"
)

// Extension ends the name of every bundle's file.
const Extension = ".gfb"

// MaxFileName is the longest that FileName gives, in characters.
const MaxFileName = 40

// maxNodeName is coproc.NodeID's limit on a node's name, in characters.
const maxNodeName = 12

// validName reports whether s is [a-z][a-z0-9-]{0,11}: a node name, safe in a
// file name and on a terminal.
func validName(s string) bool {
	if s == "" || len(s) > maxNodeName || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// FileName is the name under which the bundle with this header and digest is
// kept: at most MaxFileName characters of [a-z0-9-] and one dot, so that every
// file system of a stick can hold it. Only the last four digits of the
// sequence are shown; the digest keeps names apart.
//
//	css-key-css-0002-1a2b3c4d.gfb
//	share-02-csr1-0007-1a2b3c4d.gfb    share 2, for csr1
func (h Header) FileName(d coproc.Digest) string {
	who := h.From.Name
	if h.Kind == KindShare && h.Share != nil {
		who = fmt.Sprintf("%02d-%s", h.Share.Index, h.to())
	}
	return fmt.Sprintf("%s-%s-%04d-%s%s", h.Kind, who, h.Sequence%10000, d.Short(), Extension)
}

// Database is the folder that the bundle is kept in: "sa.db", or that of the
// target which it is from, for or about: "csr1.db". A journal is kept in that
// of its node, a revoke in "sa.db", which every node reads.
func (h Header) Database() string {
	switch h.Kind {
	case KindCSRKey, KindReceipt, KindJournal:
		return h.From.Name + ".db"
	case KindCSRCert, KindCancel:
		return h.About + ".db"
	case KindStatement, KindShare:
		return h.to() + ".db"
	}
	return "sa.db"
}

// to is the first node that the bundle is for, or nothing.
func (h Header) to() string {
	if len(h.To) == 0 {
		return ""
	}
	return h.To[0]
}
