package carrier

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

// Read implements carrier: it reads the databases that are wanted.
func (s *Stick) Read(ctx context.Context, w Request) ([]bundle.Incoming, error) {
	folders, words := w.Folders, s.opener.Out
	if len(folders) == 0 {
		folders = []string{""} // media's name for all of them
	}
	var in []bundle.Incoming
	var total int64
	for _, folder := range folders {
		files, skipped, err := s.readFolder(ctx, folder)
		if folderOnly(err) && len(folders) > 1 {
			// One bad database must not keep the other targets waiting.
			fmt.Fprintf(words, "  ! %s: %s is passed over: %s\n", s.Name(), folder, media.Escape(err.Error()))
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if total += int64(len(f.Data)); total > media.MaxTotalBytes {
				return nil, &media.LimitError{Path: s.Name(), Limit: media.MaxTotalBytes, What: "bytes"}
			}
			in = append(in, bundle.Incoming{Folder: f.Folder, Name: f.Name, Data: f.Data})
		}
		for _, k := range skipped {
			fmt.Fprintf(words, "  ! %s: passed over %s: %s\n", s.Name(), media.Escape(k.Name), media.Escape(k.Reason))
			if len(w.Folders) > 0 { // for a store, which acts on them
				in = append(in, unreadNotice(k)...)
			}
		}
	}
	for _, k := range LooseOn(s.dirNow()) {
		fmt.Fprintf(words, "  ! %s: passed over %s: it %s\n", s.Name(), media.Escape(k.Name), k.Reason)
	}
	return in, nil
}

// LooseOn are bundles that lie where nothing is read, and where they are read;
// none where that cannot be said: reading says what is wrong with the stick.
func LooseOn(d *media.Dir) []media.Skipped {
	const most = 5 // of what somebody copied, the first few say it all
	loose, err := d.Loose()
	if err != nil {
		return nil
	}
	loose = loose[:min(len(loose), most)]
	if above := d.AboveDatabase(); above != "" {
		for i := range loose {
			loose[i].Reason = "lies in a database, and not in the directory that holds the databases: type " + dirSpec(above)
		}
	}
	deeper, err := d.Deeper()
	if err != nil {
		return loose
	}
	for _, folder := range deeper[:min(len(deeper), most)] {
		loose = append(loose, media.Skipped{Name: folder, Reason: "holds databases one folder deeper than they are read: for those, type " + dirSpec(filepath.Join(d.Root(), folder))})
	}
	return loose
}

// dirSpec is a directory as a shell takes it for a stick, safe to print. A stick
// can have a name on it that is a trap for whoever types it: none is offered that
// needs more than single quotes around it.
func dirSpec(path string) string {
	if strings.ContainsRune(path, '\'') || media.Escape(path) != path {
		return "dir: and that folder, once it has a plain name"
	}
	return terminal.Quote("dir:" + path)
}

// NothingOn says that there is nothing to be looked at on a stick, and where
// bundles lie that are not read there.
func NothingOn(d *media.Dir) error {
	text := d.Name() + " holds no bundle in a database"
	hint := "this is the wrong stick, or nothing was written to it"
	if loose := LooseOn(d); len(loose) > 0 {
		text += fmt.Sprintf(": %s %s", media.Escape(loose[0].Name), loose[0].Reason)
		switch deeper, _ := d.Deeper(); {
		case d.AboveDatabase() != "":
			hint = "the same command with that directory reads them"
		case len(deeper) > 0:
			hint = "somebody copied a stick into a folder: the same command with that folder reads it"
		default:
			hint = "somebody copied files and not their folders: ask for the bundles again, or copy the whole stick"
		}
	}
	return &refusal.Error{Code: refusal.CodeNothing, Text: text, Hint: hint}
}

// dirNow is the directory of a stick that is open.
func (s *Stick) dirNow() *media.Dir {
	if s.found != nil {
		return s.found.Dir
	}
	return s.dir
}

// unreadNotice is a file that cannot be read and has the name of a revoke or of
// a cancel: whoever takes those in must not pass it over.
func unreadNotice(k media.Skipped) []bundle.Incoming {
	folder, name, ok := strings.Cut(k.Name, "/")
	notice := strings.HasPrefix(name, string(bundle.KindRevoke)+"-") || strings.HasPrefix(name, string(bundle.KindCancel)+"-")
	if !ok || !notice || media.CheckName(name) != nil {
		return nil
	}
	return []bundle.Incoming{{Folder: folder, Name: name, Problem: k.Reason}}
}

// folderOnly reports whether an error is about one folder of a stick that can
// be read otherwise.
func folderOnly(err error) bool {
	if _, ok := errors.AsType[*media.LimitError](err); ok {
		return true
	}
	step, ok := errors.AsType[*media.StepError](err)
	return ok && step.Step == "open" && !errors.Is(err, fs.ErrNotExist)
}

// ReadShareSticks asks for the share officers' sticks one after the other,
// where the plan gives each share a stick of its own, until enough shares are
// there.
func (c *Set) ReadShareSticks(ctx context.Context, need int, folders []string) ([]bundle.Incoming, error) {
	if !c.opener.apart() || !isUSB(c.To) || c.opener.Terminal == nil {
		return nil, nil
	}
	var in []bundle.Incoming
	for i := 1; i <= c.opener.Rules.Shares && need > 0; i++ {
		answer, err := c.opener.Terminal.Either(fmt.Sprintf("    now the stick of share officer %d: type ok, or skip: ", i), "ok", "skip")
		if err != nil {
			return nil, err
		}
		if answer != "ok" {
			continue
		}
		s, err := c.opener.Slot("usb:", PurposeShare(i))
		if err != nil {
			return nil, err
		}
		more, err := s.Read(ctx, Request{Folders: folders})
		if err != nil {
			return nil, err
		}
		if len(more) > 0 {
			need--
		}
		in = append(in, more...)
	}
	return in, nil
}
