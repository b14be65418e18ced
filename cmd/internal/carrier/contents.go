package carrier

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

// Contents is what a medium holds that a share must not lie beside.
type Contents struct {
	shares    map[string]map[int]bool // by target
	databases string                  // a file of the databases, or empty
}

func newContents() *Contents { return &Contents{shares: map[string]map[int]bool{}} }

// shareName is the name of a file or picture of a share.
var shareName = regexp.MustCompile(`^share-(\d{2})-`)

// DatabaseKinds are the bundles that only the stick with the databases has. What
// is for everybody, like a cancel, may lie beside a share.
var DatabaseKinds = map[bundle.Kind]bool{
	bundle.KindSAKey: true, bundle.KindCSSKey: true, bundle.KindCSSCert: true,
	bundle.KindCSRKey: true, bundle.KindCSRCert: true, bundle.KindStatement: true,
}

// contentsOf looks at every file of a medium. Bundles of another ceremony do not
// count; what cannot be read counts as what its name says: it may be read
// elsewhere. So may a carrier that somebody copied into a folder of this one: who
// types that folder reads it.
func contentsOf(d *media.Dir, ceremonyID string) (*Contents, error) {
	h := newContents()
	if err := h.addAll(d, ceremonyID); err != nil {
		return nil, err
	}
	deeper, err := d.Deeper()
	if err != nil {
		return nil, err
	}
	for _, folder := range deeper {
		inside, err := media.OpenDir(filepath.Join(d.Root(), folder))
		if err == nil {
			err = h.addAll(inside, ceremonyID)
		}
		if err != nil {
			return nil, err
		}
	}
	return h, nil
}

// addAll counts what lies on a medium, but for carriers in its folders.
func (h *Contents) addAll(d *media.Dir, ceremonyID string) error {
	files, skipped, err := d.Read("")
	if err != nil {
		return err
	}
	for _, f := range files {
		sealed, err := bundle.Parse(f.Data)
		if err != nil {
			h.addNamed(f.Folder + "/" + f.Name)
			continue
		}
		header := sealed.UnverifiedHeader()
		switch {
		case ceremonyID != "" && header.Ceremony.String() != ceremonyID:
		case header.Share != nil:
			h.add(TargetOf(header.Database()), int(header.Share.Index))
		case DatabaseKinds[header.Kind]:
			h.databases = f.Folder + "/" + f.Name
		}
	}
	loose, err := d.Loose()
	if err != nil {
		return err
	}
	for _, k := range append(skipped, loose...) {
		h.addNamed(k.Name) // of a loose one nobody knows the target
	}
	return nil
}

func TargetOf(database string) string { return strings.TrimSuffix(database, ".db") }

// addNamed counts a file by its name.
func (h *Contents) addNamed(name string) {
	folder, file := path.Split(strings.ToLower(name))
	if m := shareName.FindStringSubmatch(file); m != nil {
		i, _ := strconv.Atoi(m[1])
		h.add(TargetOf(strings.TrimSuffix(folder, "/")), i)
	}
}

func (h *Contents) add(target string, share int) {
	if h.shares[target] == nil {
		h.shares[target] = map[int]bool{}
	}
	h.shares[target][share] = true
}

// refuse says why a share for a target must not be put there, or returns nil.
func (h *Contents) refuse(target string, share int, where string) error {
	for i := range coproc.MaxShares + 1 {
		if i != share && (h.shares[target][i] || h.shares[""][i]) {
			return sharesTogether("%s holds share %d%s, so share %d must not go there", where, i, forTarget(target), share)
		}
	}
	if h.databases != "" {
		return sharesTogether("%s is a stick with databases (%s), so share %d must not go there", where, media.Escape(h.databases), share)
	}
	return nil
}

// PagesApart refuses to write the page of a share beside that of another one. A
// page does not say by its name which target it is for.
func PagesApart(dir string, pages []*bundle.Sealed) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	h := newContents()
	for _, e := range entries {
		h.addNamed(e.Name())
	}
	for _, s := range pages {
		if share := s.UnverifiedHeader().Share; share != nil {
			if err := h.refuseAny(int(share.Index), media.Escape(dir)); err != nil {
				return err
			}
			h.add("", int(share.Index))
		}
	}
	return nil
}

func forTarget(name string) string {
	if name == "" {
		return ""
	}
	return " for " + media.Escape(name)
}

// refuseAny is refuse for whichever targets.
func (h *Contents) refuseAny(share int, where string) error {
	targets := slices.Sorted(maps.Keys(h.shares))
	for _, t := range append(targets, "") {
		if err := h.refuse(t, share, where); err != nil {
			return err
		}
	}
	return nil
}
