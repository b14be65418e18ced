package ceremony

import "github.com/gapferry/gapferry/bundle"

// phase3a establishes a target node.
func (r *establishing) phase3a() error {
	if err := r.establish(); err != nil {
		return err
	}
	if err := r.request(bundle.KindCSRKey, ""); err != nil {
		return err
	}
	return r.handOverAndShowKeys(bundle.KindCSRKey, "one for the SA and one for the source")
}
