package qrtest

import "math"

// defocus blurs with a Gaussian of sigma pixels.
func (p *plane) defocus(sigma float64) {
	r := int(math.Ceil(3 * sigma))
	kernel := make([]float64, 2*r+1)
	sum := 0.0
	for i := range kernel {
		d := float64(i-r) / sigma
		kernel[i] = math.Exp(-d * d / 2)
		sum += kernel[i]
	}
	for i := range kernel {
		kernel[i] /= sum
	}
	p.convolve(kernel, 1, p.w, p.h, p.w) // along the rows
	p.convolve(kernel, p.w, p.h, p.w, 1) // along the columns
}

// convolve applies a kernel along lines of n pixels that lie step apart; there
// are that many lines, which begin next apart. The edge's pixel goes on
// outside.
func (p *plane) convolve(kernel []float64, step, n, lines, next int) {
	r := len(kernel) / 2
	line := make([]float64, n+2*r)
	for l := range lines {
		first := l * next
		for i := range line {
			line[i] = p.v[first+min(max(i-r, 0), n-1)*step]
		}
		for i := range n {
			sum := 0.0
			for k, w := range kernel {
				sum += w * line[i+k]
			}
			p.v[first+i*step] = sum
		}
	}
}

// smear blurs along a line of length pixels in the direction (radians): the
// hand or the camera moved while the shutter was open.
func (p *plane) smear(length, direction float64) {
	const steps = 16
	sin, cos := math.Sincos(direction)
	out := newPlane(p.w, p.h)
	out.each(func(x, y int, _ float64) float64 {
		sum := 0.0
		for i := range steps {
			t := length * ((float64(i)+0.5)/steps - 0.5)
			sum += p.between(float64(x)+t*cos, float64(y)+t*sin)
		}
		return sum / steps
	})
	p.v = out.v
}

// between is the value at a place between pixels (bilinear).
func (p *plane) between(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	x0, y0 := min(max(int(fx), 0), p.w-1), min(max(int(fy), 0), p.h-1)
	x1, y1 := min(max(int(fx)+1, 0), p.w-1), min(max(int(fy)+1, 0), p.h-1)
	dx, dy := x-fx, y-fy
	up := p.v[y0*p.w+x0]*(1-dx) + p.v[y0*p.w+x1]*dx
	down := p.v[y1*p.w+x0]*(1-dx) + p.v[y1*p.w+x1]*dx
	return up*(1-dy) + down*dy
}

// gradient takes light away along a direction (radians): nothing at one edge
// of the picture, the part lost (0 to 1) at the other.
func (p *plane) gradient(lost, direction float64) {
	sin, cos := math.Sincos(direction)
	reach := (math.Abs(cos)*float64(p.w) + math.Abs(sin)*float64(p.h)) / 2
	p.each(func(x, y int, v float64) float64 {
		t := ((float64(x)-float64(p.w)/2)*cos + (float64(y)-float64(p.h)/2)*sin) / reach
		return v * (1 - lost*(t+1)/2)
	})
}

// shade takes the part lost (0 to 1) of the light behind a straight edge
// through the place (in pixels), which is soft over some pixels.
func (p *plane) shade(lost, soft float64, through point, direction float64) {
	sin, cos := math.Sincos(direction)
	p.each(func(x, y int, v float64) float64 {
		t := ((float64(x)-through.x)*cos + (float64(y)-through.y)*sin) / soft
		return v * (1 - lost*min(max(t+0.5, 0), 1))
	})
}
