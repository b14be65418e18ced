package ceremony

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// What people compare between rooms. The signatures prove that a bundle was
// not changed; that the right key signed it in the first place is proved only
// by somebody who saw the key in its own room.

// keysDigest covers all keys of a node, so that none of them can be exchanged
// behind a fingerprint that stays the same.
func keysDigest(k coproc.Keys) coproc.Thumbprint {
	b, err := detcbor.Marshal(k)
	if err != nil {
		panic(err) // four fields that always encode
	}
	h := sha256.New()
	h.Write([]byte("gapferry key card v1"))
	h.Write(b)
	return coproc.Thumbprint(h.Sum(nil))
}

// keyCardWords is how many words a key card has, of 11 bits each. Whoever wants
// keys of their own behind the card of another node has to find a second
// preimage, and pays one block of SHA-256 for each try, since no try needs keys
// that work, only a field that differs. With six words that would be 2^66: some
// hundreds of GPU-years, which can be bought. With eight it is 2^88.
const keyCardWords = 8

// keyCardGroups is how many groups of 8 hex digits stand behind the words: no
// fewer bits than the words have, for who compares the digits alone.
const keyCardGroups = 3

// keyCard is the fingerprint of a node's keys as a card has it: eight words, 88
// bits, and the same beginning in hex, 96 bits.
func keyCard(k coproc.Keys) string {
	d := keysDigest(k)
	return strings.Join(coproc.Words(d)[:keyCardWords], " ") + " (" + strings.Join(coproc.HexGroups(d)[:keyCardGroups], " ") + ")"
}

// cardWords is how many of the 24 words of the card the second officer gives.
//
// The officer who enters the hash may be bad, and make SA keys until one has a
// hash that shares j words with the genuine one, at whatever positions: that
// costs 2^(11j) / C(24, j) tries. The other officer's card then fits if all
// k words that are asked for are among these j, which is C(j, k) / C(24, k).
// With k = 4 the best bargain is 6 words for 2^49 tries, an afternoon's work,
// which pass once in 708. With k = 8 nothing passes below 8 words, which are
// 2^68 tries and pass once in C(24, 8) = 735,471. Three wrong answers end the
// log-on and are in the journal, so that the chance is taken few times.
const cardWords = 8

// AskedWords picks the numbers of the words that are asked for, ascending.
func AskedWords() ([]int, error) { return somePositions(cardWords, coproc.WordCount) }

// CardQuestion asks an officer for some words of the SA-key hash.
type CardQuestion struct {
	Node      string
	Profile   string
	Positions []int  // from 1, ascending
	Problem   string // what was wrong with the last answer, or empty
}

// checkCard has the officer who registers the SA key read some words of the
// hash from their own copy of the card. Without it the officer who entered the
// hash could, with a stick of their own, make the node trust any key.
func (r *officerSession) checkCard(hash coproc.Thumbprint, profile string) error {
	want := coproc.Words(hash)
	q := CardQuestion{Node: r.node.Name, Profile: profile}
	for attempt := 1; ; attempt++ {
		positions, err := AskedWords()
		if err != nil {
			return err
		}
		q.Positions = positions
		got, err := r.desk.CardWords(q)
		switch {
		case errors.Is(err, ErrNoAnswer) && q.Problem == "":
			return refusal.New(refusal.CodeNoHash, "the words of the card were not entered")
		case errors.Is(err, ErrNoAnswer):
			return refusal.New(refusal.CodeHashDiffers, "%s", q.Problem)
		case err != nil:
			return err
		}
		right := len(got) == len(positions)
		for i, p := range positions {
			right = right && got[i] == want[p-1]
		}
		if right {
			return nil
		}
		why := refusal.New(refusal.CodeHashDiffers, "the card of %s does not have the words of the registered SA-key hash", profile)
		if attempt == maxAttempts {
			// The run ends here, and the log-on with it.
			why.Text += fmt.Sprintf("; %d wrong answers end the log-on, and are in the journal", maxAttempts)
			return why
		}
		if err := r.note(why); err != nil {
			return err
		}
		q.Problem = why.Text
	}
}

// somePositions picks k of 1 … n at random, ascending.
func somePositions(k, n int) ([]int, error) {
	var positions []int
	for len(positions) < k {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
		if err != nil {
			return nil, err
		}
		if p := int(i.Int64()) + 1; !slices.Contains(positions, p) {
			positions = append(positions, p)
		}
	}
	slices.Sort(positions)
	return positions, nil
}

// confirm has the officer who is logged on say yes to what they are about to do
// and to sign, all of it on their screen, whoever typed it.
func (r *officerSession) confirm(c Confirmation) error {
	if err := r.desk.Confirm(c); err != nil {
		return notConfirmed(err, c.Act)
	}
	return nil
}

// confirmTargets has a share officer compare the keys that the shares will be
// sealed to with the key cards from the targets' own rooms: the certifier
// alone must not decide who gets the master key.
func (r *sharing) confirmTargets(i int) error {
	return r.confirmShare(i, fmt.Sprintf("share %d", i), Confirmation{
		Act:  fmt.Sprintf("give out share %d, sealed to these keys", i),
		With: "the key cards that were written in the targets' own rooms",
	}, func(t granted) string { return keyCard(t.certificate.Claims().Keys) })
}

// confirmGivenUp has a share officer say yes to what somebody typed on the
// command line: that a share of theirs will not be obtained.
func (r *sharing) confirmGivenUp(i int) error {
	act := fmt.Sprintf("give up share %d: it will not be obtained", i)
	return r.confirmShare(i, act, Confirmation{Act: act}, func(granted) string {
		return fmt.Sprintf("%d of the %d shares will be needed", r.n.Plan().M, r.n.Plan().N)
	})
}

// confirmShare asks the officer of a share once, for all targets at hand.
func (r *sharing) confirmShare(i int, act string, c Confirmation, fact func(granted) string) error {
	if r.confirmed[i] {
		return nil
	}
	for _, t := range r.granted {
		if _, done := r.n.History().Done(r.key(r.shareDuty(t.node, i))); !done {
			c.Facts = append(c.Facts, [2]string{t.node.Name, fact(t)})
		}
	}
	if err := r.desk.Confirm(c); err != nil {
		return notConfirmed(err, act)
	}
	r.confirmed[i] = true
	return nil
}
