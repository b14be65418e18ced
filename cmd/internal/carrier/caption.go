package carrier

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
)

// digestWords is how many words of a bundle's digest people see: enough to
// tell two bundles apart. Nothing is trusted because of them.
const digestWords = 4

// kindWords say in plain words what each kind is.
var kindWords = map[bundle.Kind]string{
	bundle.KindSAKey:     "the SA key and the plan",
	bundle.KindCSSKey:    "the source asks for its certificate",
	bundle.KindCSSCert:   "certificate of the source",
	bundle.KindCSRKey:    "a target asks for its certificate",
	bundle.KindCSRCert:   "certificate of a target",
	bundle.KindStatement: "the source's statement of its master key",
	bundle.KindShare:     "one share of the master key",
	bundle.KindReceipt:   "receipt of the master key",
	bundle.KindCancel:    "a share set is void",
	bundle.KindRevoke:    "a node's certificates are taken back",
	bundle.KindJournal:   "what happened at a node",
}

// caption is what people read beside a bundle's codes. It comes from the
// bundle itself and is not verified.
type caption struct {
	title string // "csr-cert for csr1"
	file  string // "csr1.db/csr-cert-sa-0003-32dff9b6.gfb"
	facts [][2]string
}

func captionOf(s *bundle.Sealed) caption {
	h := s.UnverifiedHeader()
	title := string(h.Kind)
	if h.Share != nil {
		title = fmt.Sprintf("%s %d", title, h.Share.Index)
	}
	to := strings.Join(h.To, ", ")
	phase := ""
	if h.Phase != "" {
		phase = ", phase " + h.Phase
	}
	switch {
	case h.Kind == bundle.KindRevoke:
		title += " of " + h.About
	case h.Kind == bundle.KindJournal:
		title += " of " + h.From.Name
	case h.About != "":
		title += " for " + h.About
	case to != "":
		title += " for " + to
	}
	if to == "" {
		to = "whoever has the hash card"
	}
	file := h.Database() + "/" + h.FileName(s.Digest())
	return caption{title, file, [][2]string{
		{"kind", fmt.Sprintf("%s (%s)%s", h.Kind, kindWords[h.Kind], phase)},
		{"ceremony", h.Ceremony.String()},
		{"from", h.From.String()},
		{"to", to},
		{"file", file},
		{"digest words", DigestWords(s.Digest())},
	}}
}

func DigestWords(d coproc.Digest) string { return strings.Join(d.Words(digestWords), " ") }
