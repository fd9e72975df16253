const WIDTH = 960;
const NAMES_WIDTH = 250;
const GAP = 28;
const BAR_HEIGHT = 13;
const ROW_HEIGHT = 18;
const TITLE_HEIGHT = 44;
const HEAD_HEIGHT = 56;
const FOOT_HEIGHT = 28;
/** Room for the figure behind the longest bar. */
const FIGURE_WIDTH = 52;

const STYLE = `
  text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f; }
  .heading { font-size: 14px; font-weight: 600; }
  .faint { fill: #57606a; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .bar { fill: #8c959f; }
  .own { fill: #0969da; }
  .own-text { font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .faint { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .bar { fill: #6e7681; }
    .own { fill: #4493f8; }
  }`;

/**
 * Draws bars on one logarithmic scale, as an SVG that reads on a light and on a dark page. Panels in a row stand
 * side by side and share the names at the left.
 * @param {object} chart
 * @param {string} chart.title
 * @param {string[]} chart.names of the bars, in order
 * @param {string} chart.highlight the name that stands out
 * @param {{title: string, panels: {title: string, seconds: (number | null)[]}[]}[]} chart.rows
 * @returns {string}
 */
export function drawBars({ title, names, highlight, rows }) {
  const columns = Math.max(...rows.map(({ panels }) => panels.length));
  const panelWidth = (WIDTH - NAMES_WIDTH - GAP * (columns - 1)) / columns;
  const scale = logScale(
    rows.flatMap(({ panels }) => panels.flatMap(({ seconds }) => seconds)),
    panelWidth - FIGURE_WIDTH,
  );
  const rowHeight = TITLE_HEIGHT + names.length * ROW_HEIGHT + 8;
  const height = HEAD_HEIGHT + rows.length * rowHeight + FOOT_HEIGHT;

  const parts = [text(0, 18, title, 'heading')];
  for (const [r, row] of rows.entries()) {
    const top = HEAD_HEIGHT + r * rowHeight;
    parts.push(text(0, top + 16, row.title, 'heading'));
    for (const [n, name] of names.entries()) {
      parts.push(text(0, top + TITLE_HEIGHT + n * ROW_HEIGHT + 11, name, name === highlight ? 'own-text' : ''));
    }
    for (const [p, panel] of row.panels.entries()) {
      const left = NAMES_WIDTH + p * (panelWidth + GAP);
      if (r === 0) parts.push(text(left, 42, panel.title, 'faint'));
      parts.push(...drawPanel({ panel, left, top: top + TITLE_HEIGHT, scale, names, highlight }));
    }
  }
  const foot = HEAD_HEIGHT + rows.length * rowHeight + 16;
  parts.push(text(0, foot, 'seconds, medians; logarithmic scale; shorter is better', 'faint'));
  const size = `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`;
  const label = `role="img" aria-label="${escape(title)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${label}>\n<style>${STYLE}\n</style>\n${parts.join('\n')}\n</svg>\n`;
}

function drawPanel({ panel, left, top, scale, names, highlight }) {
  const bottom = top + names.length * ROW_HEIGHT;
  const grid = scale.ticks.map((tick) => {
    const x = fixed(left + scale.width(tick));
    return `<line class="grid" x1="${x}" x2="${x}" y1="${top - 3}" y2="${bottom}"/>${text(Number(x), top - 6, `${tick}`, 'faint', 'middle')}`;
  });
  const bars = panel.seconds.flatMap((seconds, index) => {
    if (seconds === null) return [];
    const own = names[index] === highlight;
    const y = top + index * ROW_HEIGHT;
    const width = scale.width(seconds);
    return [
      `<rect class="bar${own ? ' own' : ''}" x="${fixed(left)}" y="${y}" width="${fixed(width)}" height="${BAR_HEIGHT}" rx="2"/>`,
      text(left + width + 5, y + 11, figure(seconds), own ? 'own-text' : 'faint'),
    ];
  });
  return [...grid, ...bars];
}

/** Powers of ten from below the smallest value to above the largest; the longest bar fills the width. */
function logScale(values, fullWidth) {
  const present = values.filter((value) => value !== null);
  const low = Math.floor(Math.log10(Math.min(...present)) - 0.2);
  const high = Math.log10(Math.max(...present));
  const ticks = [];
  for (let power = low; power <= high; power++) ticks.push(Number((10 ** power).toPrecision(1)));
  return { ticks, width: (value) => Math.max(1, ((Math.log10(value) - low) / (high - low)) * fullWidth) };
}

/** Three digits: 0.84, 12.3, 105. */
function figure(seconds) {
  return seconds >= 100 ? seconds.toFixed(0) : seconds.toFixed(seconds >= 10 ? 1 : 2);
}

function text(x, y, content, className = '', anchor = 'start') {
  const classes = className === '' ? '' : ` class="${className}"`;
  const anchored = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text${classes} x="${fixed(x)}" y="${y}"${anchored}>${escape(content)}</text>`;
}

function fixed(number) {
  return number.toFixed(1);
}

function escape(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
