import { expect, it } from 'vitest';
import { graphSvg, graphText } from './draw.ts';
import { imageGraph, imageSource } from './testing/source.ts';

const graph = imageGraph(
  imageSource('base'),
  imageSource('nova', 'base', {
    description: { summary: 'Nova <&> friends', user: 'nova', programs: [['true']] },
  }),
  imageSource('nova-compute', 'nova'),
  imageSource('redis', 'base'),
);

it('draws a tree as text', () => {
  expect(graphText(graph).replace(/[0-9a-f]{12}/g, 'HASH')).toBe(
    [
      'Debian trixie',
      '└─ base  HASH  The image base',
      '   ├─ nova  HASH  Nova <&> friends',
      '   │  └─ nova-compute  HASH  The image nova-compute',
      '   └─ redis  HASH  The image redis',
      '',
    ].join('\n'),
  );
});

it('draws each image once and an edge to each, without one box over another', () => {
  const svg = graphSvg(graph);
  const boxes = [...svg.matchAll(/<rect x="(\d+)" y="(\d+)"/g)].map(([, x, y]) => `${x},${y}`);
  expect(boxes).toHaveLength(5);
  expect(new Set(boxes).size).toBe(5);
  expect(svg.match(/<path d=/g)).toHaveLength(4);
});

it('escapes what is text', () => {
  expect(graphSvg(graph)).toContain('Nova &lt;&amp;&gt; friends');
});
