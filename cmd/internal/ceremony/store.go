package ceremony

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// The parts of a store.
const (
	planFile    = "plan.toml"
	journalFile = "journal.cbor"
	lockName    = "lock"
	outboxDir   = "outbox"
	deviceDir   = "coprocessor"
)

// Backend makes and opens coprocessors of one kind. The state of a software
// coprocessor lies in dir.
type Backend struct {
	Name   string
	Create func(dir string, s coproc.Setup) error
	Open   func(dir string) (coproc.Coprocessor, error)
}

// Node is an opened store: one coprocessor with the node or the two nodes
// that it holds, their outbox and their journal. One process has it at a time.
type Node struct {
	dir     string
	plan    *Plan
	device  *Coprocessor
	cop     coproc.Coprocessor
	journal *Journal
	state   *state
	lock    *os.File
	now     func() time.Time
}

// Init makes the store of one coprocessor of the plan, with the passphrases
// that desk gives for its profiles. dir must not exist or be empty. After a
// crash there is no store, or the whole one. The administrator, who makes the
// store, is the first to log on.
func Init(dir string, p *Plan, coprocessor string, b Backend, desk Desk, now func() time.Time) (err error) {
	device := p.Coprocessor(coprocessor)
	if device == nil {
		return refuse(CodeNotHere, "coprocessor %q is not in the plan", coprocessor)
	}
	if err := storeFree(dir); err != nil {
		return err
	}
	setup := p.Setup(device)
	defer func() {
		for i := range setup.Profiles {
			clear(setup.Profiles[i].Passphrase)
		}
	}()
	var administrator []byte
	for i := range setup.Profiles {
		pr := &setup.Profiles[i]
		pr.Passphrase, err = desk.Passphrase(PassphraseQuestion{
			Profile: pr.Name, Person: pr.Person, Node: coprocessor, Why: "choose a passphrase", Attempt: 1,
		})
		if err != nil {
			return err
		}
		if pr.Name == device.Administrator {
			administrator = append([]byte(nil), pr.Passphrase...)
		}
	}
	defer clear(administrator)

	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	pattern := filepath.Base(dir) + ".*" + atomicfile.TempSuffix
	if err := removeLeftovers(parent, pattern); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(parent, pattern)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temp))
		}
	}()
	lock, err := lockFile(filepath.Join(temp, lockName))
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := fillStore(temp, p, device, b, setup, administrator, now); err != nil {
		return err
	}
	if err := os.Rename(temp, dir); err != nil {
		if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrPermission) {
			return storeFree(dir)
		}
		return err
	}
	return atomicfile.SyncDir(parent)
}

// removeLeftovers removes what an init left that was killed. One that is
// still at work holds its lock.
func removeLeftovers(parent, pattern string) error {
	found, err := filepath.Glob(filepath.Join(parent, pattern))
	if err != nil {
		return err
	}
	for _, dir := range found {
		lock, err := lockFile(filepath.Join(dir, lockName))
		if err != nil {
			continue
		}
		err = os.RemoveAll(dir)
		if err := errors.Join(err, lock.Close()); err != nil {
			return err
		}
	}
	return nil
}

// storeFree refuses to make a store where something is.
func storeFree(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) == 0:
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, journalFile)); err == nil {
		return refuse(CodeExists, "there is a store in %s already; a store is made once", dir)
	}
	return refuse(CodeExists, "the directory %s is not empty and is no store", dir)
}

func fillStore(dir string, p *Plan, device *Coprocessor, b Backend, setup coproc.Setup, administrator []byte, now func() time.Time) error {
	if err := atomicfile.Replace(filepath.Join(dir, planFile), p.Canonical()); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, outboxDir), 0o700); err != nil {
		return err
	}
	deviceAt := filepath.Join(dir, deviceDir)
	if err := b.Create(deviceAt, setup); err != nil {
		return asRefusal(err, "set up coprocessor %s", device.Name)
	}
	cop, err := b.Open(deviceAt)
	if err != nil {
		return asRefusal(err, "open coprocessor %s", device.Name)
	}
	defer cop.Close()
	session, err := cop.LogOn(device.Administrator, administrator)
	if err != nil {
		return asRefusal(err, "log on as %s", device.Administrator)
	}
	defer session.Close()
	info, err := session.Info()
	if err != nil {
		return err
	}
	data, err := detcbor.Marshal(initData{
		Plan: p.Digest(), AuditKey: info.AuditKey, Serial: info.Serial, Device: device.Name, Ceremony: info.Ceremony,
	})
	if err != nil {
		return err
	}
	j, err := createJournal(filepath.Join(dir, journalFile))
	if err != nil {
		return err
	}
	defer j.close()
	r := Record{
		Time: now().Unix(), Event: EventInit, Profile: device.Administrator, Data: data,
		Text: fmt.Sprintf("coprocessor %s (%s), serial %s, EID %q, m = %d, n = %d", device.Name, info.Backend, info.Serial, info.EID, info.M, info.N),
	}
	if err := j.append(r, session); err != nil {
		return err
	}
	if err := session.Close(); err != nil {
		return err
	}
	return atomicfile.SyncDir(dir)
}

// Open opens a store, checks its journal and takes its lock.
func Open(dir string, b Backend, now func() time.Time) (n *Node, err error) {
	if err := storeThere(dir); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	n = &Node{dir: dir, lock: lock, now: now}
	defer func(opened *Node) { // n itself is nil where an error is returned
		if err != nil {
			opened.Close()
		}
	}(n)
	if err := n.read(); err != nil {
		return nil, err
	}
	if n.cop, err = b.Open(filepath.Join(dir, deviceDir)); err != nil {
		return nil, asRefusal(err, "open coprocessor %s", n.device.Name)
	}
	return n, nil
}

// Look opens a store to read what its journal says, beside a process that may
// be at work in it. Nothing can be done with it.
func Look(dir string, now func() time.Time) (*Node, error) {
	if err := storeThere(dir); err != nil {
		return nil, err
	}
	n := &Node{dir: dir, now: now}
	if err := n.read(); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func storeThere(dir string) error {
	_, err := os.Stat(filepath.Join(dir, journalFile))
	if errors.Is(err, fs.ErrNotExist) {
		return refuse(CodeNotHere, "there is no store in %s", dir)
	}
	return err
}

// read reads plan and journal.
func (n *Node) read() error {
	text, err := os.ReadFile(filepath.Join(n.dir, planFile))
	if err != nil {
		return err
	}
	if n.plan, err = ParsePlan(text); err != nil {
		return refuse(CodeStore, "the store's own plan: %w", err)
	}
	if n.journal, err = openJournal(filepath.Join(n.dir, journalFile)); err != nil {
		return asRefusal(err, "store %s", n.dir)
	}
	if n.state, err = deriveState(n.journal.Records()); err != nil {
		return asRefusal(err, "store %s", n.dir)
	}
	if n.state.init.Plan != n.plan.Digest() {
		return refuse(CodeStore, "the store's plan is not the one it was made with: %s was changed", planFile)
	}
	if n.device = n.plan.Coprocessor(n.state.init.Device); n.device == nil {
		return refuse(CodeStore, "the store is of coprocessor %q, which its plan does not have", n.state.init.Device)
	}
	return nil
}

// cleanOutbox removes what a crash left before its record was written. None
// of it has left the node. It is called when an officer is logged on and the
// journal is known to be whole: a journal that was cut would make good bundles
// look left over.
func (n *Node) cleanOutbox() error {
	known := map[string]bool{}
	for _, w := range n.state.outbox {
		known[filepath.Join(w.Folder, w.Name)] = true
	}
	root := filepath.Join(n.dir, outboxDir)
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := strings.TrimPrefix(path, root+string(filepath.Separator))
		if known[name] {
			return nil
		}
		return os.Remove(path)
	})
}

// Close releases the store.
func (n *Node) Close() error {
	var errs []error
	if n.cop != nil {
		errs = append(errs, n.cop.Close())
	}
	if n.journal != nil {
		errs = append(errs, n.journal.close())
	}
	if n.lock != nil {
		errs = append(errs, n.lock.Close())
	}
	return errors.Join(errs...)
}

// Plan is the plan of the store.
func (n *Node) Plan() *Plan { return n.plan }

// Device is the coprocessor of the store.
func (n *Node) Device() *Coprocessor { return n.device }

// Records are the records of the journal, oldest first.
func (n *Node) Records() []Record { return n.journal.Records() }

// Unsigned is the number of records behind the last one that was signed.
func (n *Node) Unsigned() int { return n.journal.Unsigned() }

// here returns the node of a role that this store's coprocessor holds.
func (n *Node) here(role coproc.NodeRole) (*PlanNode, error) {
	for _, p := range n.plan.At(n.device.Name) {
		if p.Role == role {
			return p, nil
		}
	}
	return nil, refuse(CodeNotHere, "this is coprocessor %q, which holds %s: there is no %s node here",
		n.device.Name, names(n.plan.At(n.device.Name)), role)
}

func names(nodes []*PlanNode) string {
	var s []string
	for _, p := range nodes {
		s = append(s, p.Name)
	}
	return strings.Join(s, " and ")
}
