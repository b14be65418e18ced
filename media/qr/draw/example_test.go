package draw_test

import (
	"fmt"

	"github.com/gapferry/gapferry/media/qr/detect"
	"github.com/gapferry/gapferry/media/qr/draw"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// A code is given out only when two readers have read it back. Here it is drawn
// with four pixels a module, and read once more.
func ExampleReadable() {
	set, err := frame.Split([]byte("Carried by hand, read by camera."), frame.Base45, 54)
	if err != nil {
		fmt.Println(err)
		return
	}
	code, err := draw.Readable(func(nonce byte) string { return set.Text(0, nonce) }, draw.M, 5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("version %d, %d modules a side\n", code.Version(), code.Size())
	fmt.Println(len(code.Lines(draw.HalfBlocks, 2)), "lines of a terminal, with two modules of margin")
	for _, found := range detect.Decode(code.Image(4), detect.Options{}).Codes {
		fmt.Println(found.Text)
	}
	// Output:
	// version 5, 37 modules a side
	// 21 lines of a terminal, with two modules of margin
	// GF1A710ZMNI35CP00QNT*UBPGW003H0EN83LEQEDRTC9KC434- V72
}
