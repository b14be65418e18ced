package draw

// MaxVersion is the largest version to write by default: 117 modules a side.
// Webcams and phones still read it from good screens and paper; larger codes
// fail more and more in other readers.
const MaxVersion = 25

// The versions that exist, ISO/IEC 18004 section 5.1.
const (
	leastVersion = 1
	mostVersion  = 40
)

// Capacity is the number of alphanumeric characters that a code of a version
// (1 to 40) holds at a level; 0 if there is no such version or level.
// ISO/IEC 18004 table 7.
func Capacity(version int, level Level) int {
	if version < leastVersion || version > mostVersion || !level.known() {
		return 0
	}
	return capacities[version-leastVersion][level]
}

// modules is the number of modules along a side, ISO/IEC 18004 table 1.
func modules(version int) int { return 17 + 4*version }

// capacities has a row for each version from 1 on, for the levels L, M, Q, H.
var capacities = [mostVersion][4]int{
	{25, 20, 16, 10},
	{47, 38, 29, 20},
	{77, 61, 47, 35},
	{114, 90, 67, 50},
	{154, 122, 87, 64},
	{195, 154, 108, 84},
	{224, 178, 125, 93},
	{279, 221, 157, 122},
	{335, 262, 189, 143},
	{395, 311, 221, 174},
	{468, 366, 259, 200},
	{535, 419, 296, 227},
	{619, 483, 352, 259},
	{667, 528, 376, 283},
	{758, 600, 426, 321},
	{854, 656, 470, 365},
	{938, 734, 531, 408},
	{1046, 816, 574, 452},
	{1153, 909, 644, 493},
	{1249, 970, 702, 557},
	{1352, 1035, 742, 587},
	{1460, 1134, 823, 640},
	{1588, 1248, 890, 672},
	{1704, 1326, 963, 744},
	{1853, 1451, 1041, 779},
	{1990, 1542, 1094, 864},
	{2132, 1637, 1172, 910},
	{2223, 1732, 1263, 958},
	{2369, 1839, 1322, 1016},
	{2520, 1994, 1429, 1080},
	{2677, 2113, 1499, 1150},
	{2840, 2238, 1618, 1226},
	{3009, 2369, 1700, 1307},
	{3183, 2506, 1787, 1394},
	{3351, 2632, 1867, 1431},
	{3537, 2780, 1966, 1530},
	{3729, 2894, 2071, 1591},
	{3927, 3054, 2181, 1658},
	{4087, 3220, 2298, 1774},
	{4296, 3391, 2420, 1852},
}
