package capture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// film is frames of a size whose chroma planes are not even.
func film(n int) []*image.Gray {
	var all []*image.Gray
	for i := range n {
		all = append(all, drawing(61, 43, i))
	}
	return all
}

// y4mOf is a YUV4MPEG2 stream; chroma is all 0xff, which is no luma of film.
func y4mOf(chroma string, rest int, frames []*image.Gray) []byte {
	b := fmt.Appendf(nil, "YUV4MPEG2 W%d H%d F25:1 Ip A1:1%s XYSCSS=TEST\n", frames[0].Rect.Dx(), frames[0].Rect.Dy(), chroma)
	for i, f := range frames {
		b = append(b, "FRAME"...)
		if i%2 == 1 {
			b = append(b, " Ip"...)
		}
		b = append(append(append(b, '\n'), f.Pix...), bytes.Repeat([]byte{0xff}, rest)...)
	}
	return b
}

func joined(frames []*image.Gray, of func(*image.Gray) []byte) (b []byte) {
	for _, f := range frames {
		b = append(b, of(f)...)
	}
	return b
}

// Every format gives every frame, however the bytes come.
func TestStreamFormats(t *testing.T) {
	frames := film(5)
	jpg := func(g *image.Gray) []byte { return jpegOf(t, g) }
	colour := func(g *image.Gray) []byte { // with a preview inside and no tables, as cameras and phones send it
		b := withoutTables(t, jpegOf(t, g))
		preview := jpegOf(t, drawing(16, 16, 9))
		app := append([]byte{0xff, 0xe1, byte((len(preview) + 2) >> 8), byte(len(preview) + 2)}, preview...)
		return slices.Concat(b[:2], app, b[2:])
	}
	for _, test := range []struct {
		name string
		data []byte
		off  int
	}{
		{"y4m without C", y4mOf("", 2*31*22, frames), 0},
		{"y4m 420jpeg", y4mOf(" C420jpeg", 2*31*22, frames), 0},
		{"y4m 411", y4mOf(" C411", 2*16*43, frames), 0},
		{"y4m 422", y4mOf(" C422", 2*31*43, frames), 0},
		{"y4m 444", y4mOf(" C444", 2*61*43, frames), 0},
		{"y4m 444alpha", y4mOf(" C444alpha", 3*61*43, frames), 0},
		{"y4m mono", y4mOf(" Cmono", 0, frames), 0},
		{"pgm", joined(frames, pgmOf), 0},
		{"ppm", joined(frames, ppmOf), 0},
		{"png", joined(frames, func(g *image.Gray) []byte { return pngOf(t, g) }), 0},
		{"mjpeg", joined(frames, jpg), 6},
		{"mjpeg of a camera", joined(frames, colour), 6},
		{"mjpeg with noise between", joined(frames, func(g *image.Gray) []byte {
			return slices.Concat(jpg(g), []byte("\r\n--boundary\r\nContent-Type: image/jpeg\r\n\r\n\xff\xff"))
		}), 6},
	} {
		for how, r := range map[string]io.Reader{
			"at once":   bytes.NewReader(test.data),
			"by byte":   iotest.OneByteReader(bytes.NewReader(test.data)),
			"with EOF":  iotest.DataErrReader(bytes.NewReader(test.data)),
			"in halves": iotest.HalfReader(bytes.NewReader(test.data)),
		} {
			s := OpenStream(r, EveryFrame)
			for i, want := range frames {
				p, err := s.Next(context.Background())
				if err != nil {
					t.Fatalf("%s, %s: frame %d: %v", test.name, how, i+1, err)
				}
				if name := fmt.Sprintf("frame %d", i+1); p.Name != name {
					t.Errorf("%s, %s: name %q, want %q", test.name, how, p.Name, name)
				}
				if err := near(p.Gray, want, test.off); err != nil {
					t.Errorf("%s, %s: %s: %v", test.name, how, p.Name, err)
				}
			}
			if _, err := s.Next(context.Background()); err != io.EOF {
				t.Errorf("%s, %s: at the end %v", test.name, how, err)
			}
		}
	}
}

// What is damaged is told, and what can be read behind it is read.
func TestStreamDamage(t *testing.T) {
	frames := film(4)
	jpgs, pngs, pgms := make([][]byte, 4), make([][]byte, 4), make([][]byte, 4)
	for i, f := range frames {
		jpgs[i], pngs[i], pgms[i] = jpegOf(t, f), pngOf(t, f), pgmOf(f)
	}
	with := func(all [][]byte, i int, b []byte) []byte {
		all = slices.Clone(all)
		all[i] = b
		return slices.Concat(all...)
	}
	first := func(b []byte, n int) []byte { return b[:len(b)*n/100] }
	swallow := func(b []byte) []byte { // a length that reaches over the frames behind
		b = bytes.Clone(b)
		b[4], b[5] = 0xff, 0xf0
		return b
	}
	swallowPNG := bytes.Clone(pngs[1])
	swallowPNG[len(markPNG)+1] = 0x20 // 2 MiB
	flipped := bytes.Clone(pngs[1])
	flipped[30] ^= 1
	y4m := y4mOf(" Cmono", 0, frames)
	const cut = `"frame 4": it ends too early: was it copied or recorded to its end?`
	const lost = "end: a picture of the stream is damaged and nothing says where the next one begins: start the capture program again "
	for _, test := range []struct {
		name string
		data []byte
		want []string
	}{
		{"mjpeg, a frame cut", with(jpgs, 1, first(jpgs[1], 60)), []string{"frame 1", `"frame 2": another picture begins inside it`, "frame 3", "frame 4"}},
		{"mjpeg, a header cut", with(jpgs, 1, jpgs[1][:100]), []string{"frame 1", `"frame 2": its parts do not follow each other`, "frame 3", "frame 4"}},
		{"mjpeg, a length wrong", with(jpgs, 1, swallow(jpgs[1])), []string{"frame 1", `"frame 2": it ends too early: was it copied or recorded to its end?`, "frame 3", "frame 4"}},
		{"mjpeg, noise for a frame", with(jpgs, 1, bytes.Repeat([]byte("noise"), 5000)), []string{"frame 1", "frame 2", "frame 3"}},
		{"mjpeg, scan missing", with(jpgs, 1, []byte("\xff\xd8\xff\xd9")), []string{"frame 1", `"frame 2": damaged: it says that it has 0 × 0 pixels`, "frame 3", "frame 4"}},
		{"mjpeg, ends early", with(jpgs, 3, first(jpgs[3], 60)), []string{"frame 1", "frame 2", "frame 3", cut}},
		{"png, a frame cut", with(pngs, 1, first(pngs[1], 60)), []string{"frame 1", `"frame 2": its parts do not follow each other`, "frame 3", "frame 4"}},
		{"png, a header cut", with(pngs, 1, pngs[1][:33]), []string{"frame 1", `"frame 2": another picture begins inside it`, "frame 3", "frame 4"}},
		{"png, a length wrong", with(pngs, 1, swallowPNG), []string{"frame 1", `"frame 2": it ends too early: was it copied or recorded to its end?`, "frame 3", "frame 4"}},
		{"png, a checksum wrong", with(pngs, 1, flipped), []string{"frame 1", `"frame 2": damaged PNG picture: invalid checksum`, "frame 3", "frame 4"}},
		{"pgm, ends early", with(pgms, 3, first(pgms[3], 60)), []string{"frame 1", "frame 2", "frame 3", cut}},
		{"pgm, a byte lost", with(pgms, 1, pgms[1][:len(pgms[1])-1]), []string{"frame 1", "frame 2", lost + "(damaged PNM picture: its header is not one)"}},
		{"pgm, a bomb", with(pgms, 1, []byte("P5 60000 60000 255 ")), []string{"frame 1", lost + "(says that it has 60000 × 60000 pixels, and at most 64 million are read: make a smaller picture)"}},
		{"y4m, ends early", y4m[:len(y4m)-100], []string{"frame 1", "frame 2", "frame 3", cut}},
		{"y4m, ends in a header", append(bytes.Clone(y4m), "FRA"...), []string{"frame 1", "frame 2", "frame 3", "frame 4", `"frame 5": it ends too early: was it copied or recorded to its end?`}},
		{"y4m, a byte lost", slices.Concat(y4m[:200], y4m[201:]), []string{"frame 1", lost + "(it does not begin with a FRAME line)"}},
		{"y4m, an endless line", append(bytes.Clone(y4m), bytes.Repeat([]byte("FRAME "), 1000)...), []string{"frame 1", "frame 2", "frame 3", "frame 4", lost + "(its header line does not end)"}},
	} {
		if got := told(t, OpenStream(bytes.NewReader(test.data), EveryFrame)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q\nwant %q", test.name, got, test.want)
		}
	}
}

// One clear line for a stream that is none.
func TestStreamBad(t *testing.T) {
	for data, want := range map[string]string{
		"":                                       "the stream ended before its first picture: look at what the capture program says",
		"\x1b[2Jffmpeg version 5.1.6 …":          `the stream begins with "\x1b[2Jffmpeg versi": it must be YUV4MPEG2, PNM, JPEG or PNG pictures, as of ffmpeg with -pix_fmt gray -f yuv4mpegpipe -`,
		"P2\n1 1 255 7":                          `the stream begins with "P2\n1 1 255 7": it must be YUV4MPEG2, PNM, JPEG or PNG pictures, as of ffmpeg with -pix_fmt gray -f yuv4mpegpipe -`,
		"YUV4MPEG2 W8 H8 C420p10\n":              `YUV4MPEG2 header: pixels of the form "420p10" are not read: give ffmpeg -pix_fmt gray`,
		"YUV4MPEG2 W8 H8 C\x1b\n":                `YUV4MPEG2 header: pixels of the form "\x1b" are not read: give ffmpeg -pix_fmt gray`,
		"YUV4MPEG2 W8 Hx\n":                      `YUV4MPEG2 header: "Hx" is no size`,
		"YUV4MPEG2 W8\n":                         "YUV4MPEG2 header: damaged: it says that it has 8 × 0 pixels",
		"YUV4MPEG2 W-8 H8\n":                     "YUV4MPEG2 header: damaged: it says that it has -8 × 8 pixels",
		"YUV4MPEG2 W60000 H60000\n":              "YUV4MPEG2 header: says that it has 60000 × 60000 pixels, and at most 64 million are read: make a smaller picture",
		"YUV4MPEG2 W99999999999999999999\n":      `YUV4MPEG2 header: "W99999999999999999999" is no size`,
		"YUV4MPEG2 W8 H8":                        "YUV4MPEG2 header: it ends too early: was it copied or recorded to its end?",
		"YUV4MPEG2 " + strings.Repeat("X", 2000): "YUV4MPEG2 header: its header line does not end",
	} {
		if got := told(t, OpenStream(strings.NewReader(data), EveryFrame)); !slices.Equal(got, []string{"end: " + want}) {
			t.Errorf("%q: %q\nwant %q", data[:min(len(data), 40)], got, want)
		}
	}
	broken := io.MultiReader(bytes.NewReader(pgmOf(drawing(8, 8, 1))), iotest.ErrReader(io.ErrClosedPipe))
	if got, want := told(t, OpenStream(broken, EveryFrame)), []string{"frame 1", "end: " + io.ErrClosedPipe.Error()}; !slices.Equal(got, want) {
		t.Errorf("a broken reader: %q, want %q", got, want)
	}
}

// Noise without a picture in it ends a stream, which else would never.
func TestStreamNoise(t *testing.T) {
	endless := io.MultiReader(bytes.NewReader(jpegOf(t, drawing(8, 8, 1))), zeros{})
	if got, want := told(t, OpenStream(endless, EveryFrame)), []string{"frame 1", "end: no further picture comes: start the capture program again"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	// A picture without an end is given up, and its bytes are no other.
	jpg := jpegOf(t, drawing(8, 8, 1))
	long := io.MultiReader(bytes.NewReader(jpg[:len(jpg)-4]), io.LimitReader(zeros{}, 2*MaxFileBytes))
	if got, want := told(t, OpenStream(long, EveryFrame)), []string{`"frame 1": it has no end within the largest size of a picture`, "end: no further picture comes: start the capture program again"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// A slow reader of a live stream gets the newest frame; one of a recording all.
func TestStreamPace(t *testing.T) {
	data := joined(film(10), pgmOf)
	live := OpenStream(bytes.NewReader(data), NewestFrame)
	<-live.(*backgroundSource).ended // all was read while nobody asked
	if got, want := told(t, live), []string{"frame 10"}; !slices.Equal(got, want) {
		t.Errorf("live: %q, want %q", got, want)
	}
	recorded := OpenStream(bytes.NewReader(data), EveryFrame)
	if got := told(t, recorded); len(got) != 10 {
		t.Errorf("recorded: %q, want 10 frames", got)
	}
}

// A reader that waits does not keep Next from ending.
func TestStreamEnds(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	s := OpenStream(r, NewestFrame)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := s.Next(ctx); err != context.DeadlineExceeded {
		t.Errorf("with a context that ended: %v", err)
	}
	got := make(chan error)
	go func() {
		_, err := s.Next(context.Background())
		got <- err
	}()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-got; err != errClosed {
		t.Errorf("when closed: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
}
