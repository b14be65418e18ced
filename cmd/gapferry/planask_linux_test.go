package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan"
)

// asked is plan new at a terminal, answered line by line; each question is
// waited for.
func asked(t *testing.T, dir string, args []string, answers ...[2]string) *seat {
	t.Helper()
	s := sitDown(t, 80, 24, nil, call{args: append([]string{"plan", "new"}, args...), dir: dir})
	at := 0 // of what was seen
	for _, a := range answers {
		s.until(a[0], func(told string) bool {
			i := strings.Index(told[at:], a[0])
			if i >= 0 {
				at += i + len(a[0])
			}
			return i >= 0
		})
		s.types(a[1])
	}
	return s
}

// enters answers so many questions with Enter.
func enters(n int) [][2]string {
	var answers [][2]string
	for range n {
		answers = append(answers, [2]string{"]: ", "\r"})
	}
	return answers
}

func noPlan(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Lstat(filepath.Join(dir, "plan.toml")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a plan was written")
	}
}

// Without any flag a terminal is asked. A wrong answer is said and asked again;
// Enter takes what stands in brackets.
func TestPlanAsks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	answers := [][2]string{
		{"title of the ceremony [Master-key cloning]: ", "Acme 7\r"},
		{"no live node accepts: yes or no [no]: ", "<\r"},
		{"title of the ceremony [Acme 7]: ", "\r"},
		{"yes or no [no]: ", "y\r"},
		{"it is yes or no, in full", ""}, {"]: ", "\r"},
		{"soft, tpm or pkcs11 [soft]: ", "hsm\r"}, {"unknown family of coprocessors", ""}, {"]: ", "tpm\r"},
		{"master-key class: HMAC-MK, AES-MK or APKA-MK [HMAC-MK]: ", "<\r"}, {"[tpm]: ", "soft\r"},
		{"ASYM-MK, AES-MK or APKA-MK [SYM-MK]: ", "AES-MK\r"},
		{"does not clone AES-MK master keys", ""},
		{"]: ", "ASYM-MK\r"},
		{"how many targets [1]: ", "two\r"},
		{"it is a number", ""}, {"]: ", "2\r"},
		{"M/N [2/3]: ", "2/5\r"}, {"[itself]: ", "<\r"},
		{"M/N [2/5]: ", "3of4\r"},
		{"it is M/N, like 2/3", ""}, {"]: ", "3/2\r"},
		{"more shares are needed than are made", ""}, {"]: ", "3/4\r"},
		{"css or csr1 [itself]: ", "\r"},
		{"serial number of coprocessor sa, 8 characters [SOFT0001]: ", "short\r"},
		{"is not 8 letters, digits or hyphens", ""}, {"]: ", "93AA1234\r"},
		{"(EID) of coprocessor sa, up to 16 characters [SA NODE]: ", "ACME SA\r"},
		{"coprocessor css, 8 characters", "\r"}, {"coprocessor css, up to", "\r"},
		{"coprocessor csr1, 8 characters", "93AA1234\r"},
		{"serial number \"93AA1234\" is there twice", ""}, {"]: ", "93AA1235\r"},
		{"coprocessor csr1, up to", "\r"},
		{"coprocessor csr2, 8 characters", "\r"}, {"coprocessor csr2, up to", "\r"},
		{"The person of each profile:\r\nADMIN, sets coprocessors up, unlocks profiles [ADMIN (to be named)]: ", "Ada Admiraal\r"},
	}
	for _, profile := range []string{"AUDITOR", "KEYGEN"} {
		answers = append(answers, [2]string{profile + ", ", "\r"})
	}
	answers = append(answers,
		[2]string{"HASH, registers the SA-key hash [", "Dmitri\r"},
		[2]string{"KEYREG, registers the SA key [", "Dmitri\r"},
		[2]string{"under more than one profile", ""}, [2]string{"]: ", "Elif\r"},
	)
	for _, profile := range []string{"CERTIFIER, certifies the keys of nodes", "VERIFIER, ", "SETTER, ", "PART1, loads the first part of a master key", "PART2, ", "one share of 4", "SHARE2", "SHARE3", "SHARE4"} {
		answers = append(answers, [2]string{profile, ""}, [2]string{"]: ", "\r"})
	}
	answers = append(answers,
		[2]string{"days certificates are good [30]: ", "400\r"},
		[2]string{"is not 1 to 366", ""}, [2]string{"]: ", "60\r"},
		[2]string{"0 is never [5]: ", "\r"},
		[2]string{"or always [always]: ", "2026-11-24..2026-12-01\r"},
		[2]string{"with each command [none]: ", "usb\r"},
		[2]string{"go on one stick: yes or no [no]: ", "maybe\r"},
		[2]string{"not an answer to this", ""}, [2]string{"]: ", "yes\r"},
		[2]string{"ASYM-MK, 3 of 4 shares, 2 target(s)", ""},
		[2]string{"officer        ADMIN (Ada Admiraal)", ""},
		[2]string{"locks after    5 wrong passphrase(s)", ""},
		[2]string{"days (UTC)     2026-11-24..2026-12-01", ""},
		[2]string{"carrier        usb\r\n", ""},
		[2]string{"shares         together: all of a target may go on one medium", ""},
		[2]string{"in full; < goes back: ", "\r"}, [2]string{"the whole word, yes or no, or <: ", "<\r"},
		[2]string{"go on one stick: yes or no [yes]: ", "<\r"}, [2]string{"with each command [usb]: ", "\r"},
		[2]string{"go on one stick: yes or no [yes]: ", "\r"},
		[2]string{"in full; < goes back: ", "yes\r"},
	)
	asked(t, dir, nil, answers...).mustLeave(exitDone)
	text, err := os.ReadFile(filepath.Join(dir, "plan.toml"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{p.Title, p.Class, p.Coprocessors[0].Serial, p.Coprocessors[0].EID, p.Coprocessors[2].Serial, p.Officer("HASH").Person, p.Officer("SHARE4").Person, p.Officer("ADMIN").Until, p.Carrier}
	want := "Acme 7|ASYM-MK|93AA1234|ACME SA|93AA1235|Dmitri|SHARE4 (to be named)|2026-12-01|usb"
	if strings.Join(got, "|") != want || len(p.Targets()) != 2 || p.M != 3 || p.N != 4 || p.CertificateDays != 60 || p.LockAfter != 5 || !p.SharesTogether {
		t.Errorf("the plan is %s\n%s", strings.Join(got, "|"), text)
	}
}

// Who stops, or says no, has written nothing; who gives flags is not asked; a
// plan that is there is not asked about.
func TestPlanAskedInVain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	title := [2]string{"title of the ceremony [Acme]: ", ""}
	stopped := asked(t, dir, []string{"--ask", "--title", "Acme"}, title, [2]string{"", "\x03"})
	if a := stopped.mustLeave(exitInterrupted); !strings.Contains(a.out, "stopped. Nothing was written") || strings.Contains(a.out, "stays done") {
		t.Errorf("%q", a.out)
	}
	noPlan(t, dir)

	ended := asked(t, dir, []string{"--ask", "--title", "Acme"}, title, [2]string{"", "\x04"})
	if a := ended.mustLeave(exitRefused); !strings.Contains(unbroken(a.out), "no answer was given, no plan was written") {
		t.Errorf("%q", a.out)
	}
	noPlan(t, dir)

	// Of so many targets, serial numbers are not asked for.
	no := append(enters(7+13+5), [2]string{"Type yes or no in full; < goes back: ", "no\r"})
	asked(t, dir, []string{"--ask", "--targets", "20", "--title", "Acme"}, no...).mustLeave(exitRefused)
	noPlan(t, dir)

	sitDown(t, 80, 24, nil, call{args: []string{"plan", "new", "--targets", "1"}, dir: dir}).mustLeave(exitDone)
	a := sitDown(t, 80, 24, nil, call{args: []string{"plan", "new"}, dir: dir}).mustLeave(exitUsage)
	if !strings.Contains(unbroken(a.out), "a plan is never overwritten") {
		t.Errorf("%q", a.out)
	}

	nobody := call{args: []string{"plan", "new", "--ask", "--plan", "other.toml"}, dir: dir}.run(t)
	if nobody.code != exitUsage || !strings.Contains(nobody.err, "--ask needs a terminal") {
		t.Errorf("exit code %d, %s", nobody.code, nobody.err)
	}
}
