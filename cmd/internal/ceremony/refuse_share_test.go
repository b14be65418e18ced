package ceremony

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// move puts a bundle under another path.
func (w *world) move(from, to string) {
	w.stick[to] = w.stick[from]
	delete(w.stick, from)
}

// shares are the paths of a target's shares, in order of index.
func (w *world) shares(target string) []string {
	w.t.Helper()
	found := w.stick.sent(target + ".db/share-")
	if len(found) != w.plan.N {
		w.t.Fatalf("%d shares: %v", len(found), found)
	}
	return found
}

func TestShareForOtherTarget(t *testing.T) {
	w := after(t, standard, "3c")
	mine, theirs := w.shares("csr1"), w.shares("csr2")
	for i := range mine {
		w.stick[mine[i]] = w.stick[theirs[i]]
	}
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeWrongTarget, "it is a share for csr2, not for csr1")

	// The whole database of the other target under this one's name.
	w = after(t, standard, "3c")
	for _, path := range w.stick.sent("csr1.db/") {
		delete(w.stick, path)
	}
	for _, path := range w.stick.sent("csr2.db/") {
		w.move(path, strings.Replace(path, "csr2.db", "csr1.db", 1))
	}
	_, err = w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeWrongPlace, "belongs into csr2.db")
	if regs := w.info("csr1").Register(coproc.SymMK); regs.New.State != coproc.Empty {
		t.Errorf("csr1's registers are %v", regs)
	}
}

func TestShareOfOtherCeremony(t *testing.T) {
	other := newWorld(t, small.change)
	other.upTo("3c")
	w := after(t, small, "3c")
	for _, path := range w.shares("csr1") {
		delete(w.stick, path)
	}
	for _, path := range other.shares("csr1") {
		w.stick[path] = other.stick[path]
	}
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeWrongCeremony, "it is of ceremony "+other.plan.Ceremony)
}

// A file of one share under two names is one share.
func TestShareTwice(t *testing.T) {
	w := after(t, standard, "3c")
	shares := w.shares("csr1")
	first := w.stick[shares[0]]
	for _, path := range shares {
		delete(w.stick, path)
	}
	w.stick[shares[0]] = first
	w.stick["csr1.db/share-02-again.gfb"] = first
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeMissing, "1 of 2 needed shares are installed; bring 1 more of share 2, 3")
	_, err = w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeMissing, "1 of 2 needed shares are installed; bring 1 more of share 2, 3")
}

// resigned is a share of the stick under another header, signed by the real
// source: what a bad officer at the source could make.
func (w *world) resigned(path string, change func(*bundle.Header)) []byte {
	w.t.Helper()
	s, err := bundle.Parse(w.stick[path])
	if err != nil {
		w.t.Fatal(err)
	}
	info := w.info("css")
	v, err := s.Verify(sourceKey(info.Key("css").Keys.Sign))
	if err != nil {
		w.t.Fatal(err)
	}
	h := s.UnverifiedHeader()
	change(&h)
	return w.forge(forgery{from: "css", header: h, sealed: v.Payload()})
}

type sourceKey coproc.PublicKey

func (k sourceKey) KeyFor(*bundle.Sealed) (coproc.PublicKey, error) { return coproc.PublicKey(k), nil }

func TestShareForgedAtSource(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*bundle.Header)
		code   refusal.Code
		want   string
	}{
		{"sequence alone", func(h *bundle.Header) { h.Sequence = 77 }, refusal.CodeShareDamaged, ""},
		{"index 2 as 1", func(h *bundle.Header) { h.Share.Index = 1 }, refusal.CodeShareSet, "it is not the share 1 that the statement lists"},
		{"index above n", func(h *bundle.Header) { h.Share.Index = 3 }, refusal.CodeMissing, "0 of 2 needed shares are installed"},
		{"another set", func(h *bundle.Header) { h.Share.Set[0]++ }, refusal.CodeShareSet, "the statement is of set"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := after(t, small, "3c")
			shares := w.shares("csr1")
			forged := w.resigned(shares[1], c.change)
			delete(w.stick, shares[0])
			delete(w.stick, shares[1])
			w.stick[shares[0]] = forged
			_, err := w.try("csr1", "3d", Options{})
			mustRefuse(t, err, c.code, c.want)
			if n := len(w.tasks("csr1")); n != 4 {
				t.Errorf("%d tasks are done, 4 were", n)
			}
		})
	}

	// Two contents of one index.
	w := after(t, small, "3c")
	shares := w.shares("csr1")
	w.stick["csr1.db/share-01-other.gfb"] = w.resigned(shares[0], func(h *bundle.Header) { h.Sequence = 77 })
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeShareRepeat, "share 1 is there twice, with different contents")
}

// A bundle cannot even say index 0.
func TestShareIndexZero(t *testing.T) {
	w := after(t, small, "3c")
	shares := w.shares("csr1")
	for _, index := range []int{0, 16} {
		bad := rewrite(t, w.stick[shares[0]], func(h map[any]any) { h[uint64(11)].(map[any]any)[uint64(2)] = index })
		_, err := w.try("csr1", "3d", Options{Incoming: []bundle.Incoming{{Folder: "csr1.db", Name: "s", Data: bad}}})
		mustRefuse(t, err, refusal.CodeFormat, "share ")
	}
}

// Shares of another splitting: by a second source with the same plan, that
// the SA certified too.
func TestShareOfOtherSet(t *testing.T) {
	w := after(t, small, "3c")
	both := after(t, small, "3c")
	second := w.secondSource()
	// The first statement with a share of the second set.
	shares := w.shares("csr1")
	delete(w.stick, shares[1])
	for path, data := range second {
		if strings.HasPrefix(path, "csr1.db/share-02") {
			w.stick[path] = data
		}
	}
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeShareSet, "the statement is of set")
	if installed := w.tasks("csr1")[history.TaskKey{Node: "csr1", Task: procedure.TaskInstallShares, Share: 1}]; installed != 1 {
		t.Error("the good share was not installed")
	}
	// And once shares of the first are in, the second cannot begin.
	w.stick = second
	_, err = w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeShareSet, "is receiving share set")

	// Everything of both in one database: they are not mixed, and the set that
	// is not used is told.
	maps.Copy(both.stick, second)
	r, err := both.try("csr1", "3d", Options{})
	if err != nil || !r.Complete {
		t.Fatalf("two whole sets: %+v, %v", r, err)
	}
	told := strings.Join(r.Refused, "\n")
	if !strings.Contains(told, "the statement answers certificate") || !strings.Contains(told, "share 1 is of share set") || !r.Targets[0].Equal {
		t.Errorf("two whole sets: told is %s, %+v", told, r.Targets)
	}
}

// secondSource sets the source up anew, with another master key, and certifies
// it by hand. It returns what a target then gets.
func (w *world) secondSource() stick {
	w.t.Helper()
	rest := w.snapshot()
	s := rest.restore(w.t)
	for _, prefix := range []string{"csr1.db/share", "csr1.db/statement", "sa.db/css-cert"} {
		for _, path := range s.stick.sent(prefix) {
			delete(s.stick, path)
		}
	}
	s.anew("css", "2a", "sa.db/css-key")
	_, request := s.one("sa.db/css-key")
	cert := s.certify("css", s.keys("css"), coproc.DigestOf(request), func(c *coproc.Claims) { c.Generation = 2 })
	s.stick["sa.db/css-cert.gfb"] = s.sealedCert(bundle.KindCSSCert, cert, coproc.DigestOf(request))
	certPath, csrCert := s.one("csr1.db/csr-cert")
	answers := header(w.t, csrCert).Answers
	target, err := coproc.UnverifiedClaims(s.certifiedBytes("csr1"))
	if err != nil {
		w.t.Fatal(err)
	}
	s.stick["csr1.db/for-css.gfb"] = s.sealedCert(bundle.KindCSRCert, s.certify("csr1", target.Keys, answers, func(c *coproc.Claims) { *c = target }), answers)
	delete(s.stick, certPath)
	s.phase("css", "3c")
	return s.stick
}

// certifiedBytes is the certificate of a target, as the SA's journal has it.
func (w *world) certifiedBytes(target string) []byte {
	w.t.Helper()
	n := w.open("sa")
	defer n.Close()
	records := n.Records()
	i := slices.IndexFunc(records, func(r journal.Record) bool { return r.Task == procedure.TaskCertifyCSR && r.Peer == target })
	return records[i].Data
}
