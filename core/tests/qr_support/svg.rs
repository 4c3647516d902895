//! Fills our paths by the definition of SVG 2, 9.3: straight lines along the axes only.

/// The winding number of each unit square of a `width` × `height` box inside the path `d`. Panics on any command that our paths do
/// not have.
pub fn windings(d: &str, width: usize, height: usize) -> Vec<i32> {
    // Changes of the winding number from one row to the next, at upright edges' right sides.
    let mut upright = vec![0i32; (width + 1) * height];
    let (mut x, mut y) = (0i64, 0i64);
    let (mut start_x, mut start_y) = (0, 0);
    let mut rest = d;
    let mut line = |from: (i64, i64), to: (i64, i64)| {
        assert!(from.0 == to.0 || from.1 == to.1, "a slanted line");
        for (inside, limit) in [
            (from.0, width),
            (to.0, width),
            (from.1, height),
            (to.1, height),
        ] {
            assert!((0..=limit as i64).contains(&inside), "outside the view box");
        }
        // Clockwise counts upwards.
        let direction = if to.1 > from.1 { -1 } else { 1 };
        for row in from.1.min(to.1)..from.1.max(to.1) {
            upright[row as usize * (width + 1) + from.0 as usize] += direction;
        }
    };
    while let Some(command) = rest.chars().next() {
        rest = &rest[1..];
        let mut number = || {
            rest = rest.trim_start_matches(' ');
            let end = rest
                .char_indices()
                .find(|&(at, letter)| !(letter.is_ascii_digit() || letter == '-' && at == 0));
            let (digits, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
            rest = after;
            digits.parse::<i64>().unwrap()
        };
        let from = (x, y);
        match command {
            'M' => (x, y) = (number(), number()),
            'm' => (x, y) = (x + number(), y + number()),
            'H' => x = number(),
            'h' => x += number(),
            'V' => y = number(),
            'v' => y += number(),
            'z' => (x, y) = (start_x, start_y),
            other => panic!("the command {other}"),
        }
        if matches!(command, 'M' | 'm') {
            (start_x, start_y) = (x, y);
        } else {
            line(from, (x, y));
        }
    }
    let mut windings = Vec::new();
    for row in upright.chunks(width + 1) {
        let mut winding = 0;
        for change in &row[..width] {
            winding += change;
            windings.push(winding);
        }
    }
    windings
}
