import type { Image, ImageGraph } from './image.ts';

/** The graph as an indented tree: each image below the one whose layers it starts with. */
export function graphText(graph: ImageGraph): string {
  const lines: string[] = [`Debian ${graph.release.debian}`];
  const add = (image: Image, indent: string, last: boolean) => {
    lines.push(`${indent}${last ? '└─ ' : '├─ '}${image.name}  ${image.hash}  ${image.summary}`);
    addAll(childrenOf(graph, image.name), indent + (last ? '   ' : '│  '));
  };
  const addAll = (images: Image[], indent: string) =>
    images.forEach((image, index) => {
      add(image, indent, index === images.length - 1);
    });
  addAll(childrenOf(graph, undefined), '');
  return `${lines.join('\n')}\n`;
}

const box = { width: 168, height: 40, columnGap: 64, rowGap: 14, margin: 16 };

interface Node {
  title: string;
  subtitle: string;
  tooltip: string;
  column: number;
  row: number;
  parent: Node | undefined;
}

/** The graph as a picture: columns by depth, leaves one below the other, a parent beside its first child. */
export function graphSvg(graph: ImageGraph): string {
  const nodes = layOut(graph);
  const columns = Math.max(...nodes.map((node) => node.column)) + 1;
  const rows = Math.max(...nodes.map((node) => node.row)) + 1;
  const width = 2 * box.margin + columns * box.width + (columns - 1) * box.columnGap;
  const height = 2 * box.margin + rows * box.height + (rows - 1) * box.rowGap;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>Images of release ${escapeXml(graph.release.name)}</title>`,
    '<style>',
    'text { font: 12px sans-serif; fill: #1f2933; } .hash { font: 11px monospace; fill: #52606d; }',
    'rect { fill: #f5f7fa; stroke: #7b8794; } path { fill: none; stroke: #9aa5b1; }',
    '@media (prefers-color-scheme: dark) { text { fill: #f5f7fa; } .hash { fill: #cbd2d9; } rect { fill: #323f4b; } }',
    '</style>',
    ...nodes.filter((node) => node.parent).map(drawEdge),
    ...nodes.map(drawNode),
    '</svg>',
    '',
  ].join('\n');
}

function layOut(graph: ImageGraph): Node[] {
  const nodes: Node[] = [];
  let nextRow = 0;
  const place = (name: string | undefined, parent: Node | undefined, node: Node) => {
    node.parent = parent;
    nodes.push(node);
    const children = childrenOf(graph, name);
    node.row = nextRow;
    if (children.length === 0) nextRow += 1;
    for (const child of children) {
      place(child.name, node, {
        title: child.name,
        subtitle: child.hash,
        tooltip: child.summary,
        column: node.column + 1,
        row: 0,
        parent: undefined,
      });
    }
  };
  const { name, debian } = graph.release;
  place(undefined, undefined, {
    title: `Debian ${debian}`,
    subtitle: name,
    tooltip: 'Root file system',
    column: 0,
    row: 0,
    parent: undefined,
  });
  return nodes;
}

function drawNode(node: Node): string {
  const { x, y } = positionOf(node);
  return [
    `<g><title>${escapeXml(node.tooltip)}</title>`,
    `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="6"/>`,
    `<text x="${x + 10}" y="${y + 17}">${escapeXml(node.title)}</text>`,
    `<text class="hash" x="${x + 10}" y="${y + 32}">${escapeXml(node.subtitle)}</text></g>`,
  ].join('');
}

function drawEdge(node: Node): string {
  if (!node.parent) return '';
  const from = positionOf(node.parent);
  const to = positionOf(node);
  const startX = from.x + box.width;
  const [startY, endY] = [from.y + box.height / 2, to.y + box.height / 2];
  const middle = (startX + to.x) / 2;
  return `<path d="M${startX},${startY} C${middle},${startY} ${middle},${endY} ${to.x},${endY}"/>`;
}

function positionOf(node: Node): { x: number; y: number } {
  return {
    x: box.margin + node.column * (box.width + box.columnGap),
    y: box.margin + node.row * (box.height + box.rowGap),
  };
}

function childrenOf(graph: ImageGraph, base: string | undefined): Image[] {
  return graph.images.filter((image) => image.base === base);
}

function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
