package ceremony

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// anew makes a node's store again, and its request. The old request is
// returned and no longer on the stick.
func (w *world) anew(node string, phase procedure.PhaseID, prefix string) (oldPath string, old []byte) {
	w.t.Helper()
	oldPath, old = w.one(prefix)
	delete(w.stick, oldPath)
	w.removeStore(node)
	w.init(w.plan.Node(node).Coprocessor)
	if phase == "2a" {
		w.pattern = w.masterKey(node)
	}
	w.phase(node, phase)
	return oldPath, old
}

// A target was set up anew: its new request needs a word, the old one never
// comes back.
func TestTargetRenewed(t *testing.T) {
	w := after(t, standard, "3b")
	cert1Path, cert1 := w.one("csr1.db/csr-cert")
	oldPath, old := w.anew("csr1", "3a", "csr1.db/csr-key")
	delete(w.stick, cert1Path)

	_, err := w.try("sa", "3b", Options{})
	mustRefuse(t, err, refusal.CodeCertified, "csr1 was certified for another request already")
	if len(w.stick.sent("csr1.db/csr-cert")) != 0 {
		t.Error("a certificate was handed out")
	}
	// Beside the old one it is not used without the word, which is named.
	both := w.snapshot().restore(t)
	both.stick[oldPath] = old
	if r, err := both.try("sa", "3b", Options{}); err != nil || len(r.Refused) != 1 || !both.told("csr1 was certified for another request already", "{phase 3b --renew csr1}") {
		t.Fatalf("both: %+v, %v, told %+v", r, err, both.people.progress)
	}
	if r, err := both.try("sa", "3b", Options{Renew: []string{"csr1"}}); err != nil || !r.Complete || len(both.certificates("csr1")) != 2 {
		t.Fatalf("both, renewed: %+v, %v", r, err)
	}
	r, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}})
	if err != nil || !r.Complete {
		t.Fatalf("renew: %+v, %v", r, err)
	}
	cert2Path, cert2 := w.one("csr1.db/csr-cert")
	requestPath, request := w.one("csr1.db/csr-key")
	if header(t, cert2).Answers != coproc.DigestOf(request) {
		t.Error("the new certificate does not answer the new request")
	}

	// The old request alone, with and without the word.
	delete(w.stick, requestPath)
	w.stick[oldPath] = old
	for _, renew := range [][]string{nil, {"csr1"}} {
		_, err = w.try("sa", "3b", Options{Renew: renew})
		mustRefuse(t, err, refusal.CodeReplay, "was answered before, and a newer one since: it is a replay")
	}
	// Beside the new one it is set aside.
	w.stick[requestPath] = request
	for _, renew := range [][]string{nil, {"csr1"}} {
		r, err = w.try("sa", "3b", Options{Renew: renew})
		if err != nil || !r.Complete || len(r.Refused) != 1 || !strings.Contains(r.Refused[0], "it is a replay") {
			t.Errorf("both requests, renew %v: %+v, %v", renew, r, err)
		}
	}
	if n := len(w.stick.sent("csr1.db/csr-cert")); n != 1 {
		t.Errorf("%d certificates", n)
	}

	// The target takes only the one for its request.
	delete(w.stick, cert2Path)
	w.stick[cert1Path] = cert1
	if _, err := w.try("css", "3c", Options{Targets: []string{"csr2"}}); err != nil {
		t.Fatal(err)
	}
	// The source knows no better than the first certificate, until it has seen
	// the second one: from then on the first is old.
	w.stick[cert2Path] = cert2
	delete(w.stick, cert1Path)
	if _, err := w.try("css", "3c", Options{Shares: []int{1}}); err != nil {
		t.Fatal(err)
	}
	delete(w.stick, cert2Path)
	w.stick[cert1Path] = cert1
	_, err = w.try("css", "3c", Options{Shares: []int{2}})
	mustRefuse(t, err, refusal.CodeOldGeneration, "it is certificate 1 of csr1, certificate 2 is known here: it is an old one")
	w.stick[cert2Path] = cert2
	w.phase("css", "3c")
	w.phase("csr1", "3d")

	_, err = w.try("sa", "3b", Options{Renew: []string{"css"}})
	mustRefuse(t, err, refusal.CodeNotHere, "phase 3b does not certify css")
	_, err = w.try("sa", "2b", Options{Renew: []string{"csr1"}})
	mustRefuse(t, err, refusal.CodeNotHere, "phase 2b does not certify csr1")
}

// A certificate that the source took in, and a newer one since, does not come
// back, whatever became of the shares.
func TestCertificateReplayed(t *testing.T) {
	w := after(t, small, "3b")
	w.masterKey("css") // so that no share is begun
	oldPath, old := w.one("csr1.db/csr-cert")
	_, err := w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeOtherMasterKey, "")
	w.anew("csr1", "3a", "csr1.db/csr-key")
	delete(w.stick, oldPath)
	if _, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}}); err != nil {
		t.Fatal(err)
	}
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeOtherMasterKey, "")
	newPath, _ := w.one("csr1.db/csr-cert")
	delete(w.stick, newPath)
	w.stick[oldPath] = old
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeReplay, "this csr-cert was taken in before, and a newer one since: it is a replay")
}

// Two requests before either was answered: people have to say which is right.
func TestTwoRequests(t *testing.T) {
	w := after(t, standard, "3a")
	oldPath, old := w.anew("csr1", "3a", "csr1.db/csr-key")
	w.stick[oldPath] = old
	_, err := w.try("sa", "3b", Options{})
	mustRefuse(t, err, refusal.CodeTwoRequests, "there are 2 different requests of csr1 in csr1.db: csr-key-csr1-")
	if len(w.stick.sent("csr1.db/csr-cert")) != 0 || len(w.stick.sent("csr2.db/csr-cert")) != 1 {
		t.Error("csr1 was certified, or csr2 was not")
	}
}

// A request for another SA key.
func TestRequestOfOtherSA(t *testing.T) {
	w := after(t, small, "")
	rogue := w.twin("sa", "css")
	rogue.phase("sa", "1")
	rogue.masterKey("css")
	rogue.phase("css", "2a")
	w.phase("sa", "1")
	path, data := rogue.one("sa.db/css-key")
	w.stick[path] = data
	_, err := w.try("sa", "2b", Options{})
	mustRefuse(t, err, refusal.CodeOtherRequest, "the request answers request ")
}

// Nobody else can ask in a target's name without its key being compared; a
// request with an inside that is not its own is no request.
func TestRequestForOther(t *testing.T) {
	w := after(t, standard, "3a")
	path, _ := w.one("csr1.db/csr-key")
	request := bundle.RequestBody{Node: w.plan.ID(w.plan.Node("csr2")), Role: coproc.CSR, Keys: w.keys("csr2"), Nonce: [16]byte{1}}
	_, introduced := w.one("sa.db/sa-key")
	forged := forgery{
		from: "csr2", body: request, boxes: []string{w.keys("sa").Box},
		header: bundle.Header{Kind: bundle.KindCSRKey, To: []string{"sa"}, Answers: coproc.DigestOf(introduced), Key: request.Keys.Sign.Bytes()},
	}
	// csr2's request in csr1's place.
	w.stick[path] = w.forge(forged)
	_, err := w.try("sa", "3b", Options{Targets: []string{"csr1"}})
	mustRefuse(t, err, refusal.CodeWrongPlace, "it is a csr-key and belongs into csr2.db")
	// csr1's keys signed by csr2, as csr1.
	forged.header.From = w.plan.ID(w.plan.Node("csr1"))
	request.Node = forged.header.From
	forged.body = request
	w.stick[path] = w.forge(forged)
	w.people.no = true
	_, err = w.try("sa", "3b", Options{Targets: []string{"csr1"}})
	mustRefuse(t, err, refusal.CodeNotConfirmed, "certify csr1: nobody said yes, nothing was done")
	if len(w.stick.sent("csr1.db/csr-cert")) != 0 {
		t.Error("certified without a yes")
	}
}

// What the plan's ceremony could not go on with is not certified, and nobody is
// asked to compare it.
func TestKeysFitThePlan(t *testing.T) {
	w := after(t, small, "3a")
	path, _ := w.one("csr1.db/csr-key")
	_, introduced := w.one("sa.db/sa-key")
	for _, c := range []struct {
		change func(*coproc.Keys)
		code   refusal.Code
		says   string
	}{
		{func(k *coproc.Keys) { k.Shares = k.Shares[:coproc.ShareKeySize] }, refusal.CodePlanDiffers, "csr1 asks with keys for 1 shares, the plan has 2"},
		{func(k *coproc.Keys) { k.Family, k.Wrap = coproc.TPM, "key" }, refusal.CodeFamily, "the keys of csr1 are of a coprocessor of family tpm, the plan is for family soft"},
	} {
		keys := w.keys("csr1")
		c.change(&keys)
		w.stick[path] = w.forge(forgery{
			from: "csr1", body: bundle.RequestBody{Node: w.plan.ID(w.plan.Node("csr1")), Role: coproc.CSR, Keys: keys, Nonce: [16]byte{1}}, boxes: []string{w.keys("sa").Box},
			header: bundle.Header{Kind: bundle.KindCSRKey, To: []string{"sa"}, Answers: coproc.DigestOf(introduced), Key: keys.Sign.Bytes()},
		})
		w.people.no = true // whoever is asked
		_, err := w.try("sa", "3b", Options{})
		mustRefuse(t, err, c.code, c.says)
	}
}

// A source whose certificate has ended says of a phase that is done that it is.
func TestDoneWithAnExpiredCertificate(t *testing.T) {
	w := after(t, small, "3d")
	w.now = w.now.AddDate(0, 0, w.plan.CertificateDays+1)
	w.people.asked = nil
	_, err := w.try("css", "3c", Options{})
	w.noError(err)
	if len(w.people.asked) > 0 {
		t.Errorf("%v were asked", w.people.asked)
	}
}
