/**
 * Cuts the outline maps in templates/maps.json out of Natural Earth's countries at 1:10 million (world-atlas).
 * `npm run build:maps` installs that beside this file and rewrites them: same package, same bytes. One unit is 1/16
 * rem.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { geoCentroid, geoMercator } from 'd3-geo'
import { feature } from 'topojson-client'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import type { TerritoryMap } from '../../lambdas/render/drawings/maps.ts'

type Topology = Parameters<typeof feature>[0]
type Point = readonly [number, number]
type Polygon = number[][][]

type Place = {
  readonly at: Point
  readonly text: { readonly fr: string; readonly en: string }
  readonly anchor: 'start' | 'middle' | 'end'
  /** From the place to the text's base line, in units. */
  readonly by: Point
  /** A town has a dot. */
  readonly town?: true
}

type Plan = {
  /** ISO 3166-1 numeric code of the country that holds the polygons. */
  readonly country: string
  /** West, south, east, north: polygons whose centre lies within. */
  readonly box: readonly [number, number, number, number]
  /** Room for the land, in units. */
  readonly land: Point
  /** Kilometres of the scale bar, and where it begins, from the land's lower left corner. */
  readonly bar: { readonly km: number; readonly by: Point }
  readonly places: readonly Place[]
  /** What the map leaves out of the territory, under the scale bar. */
  readonly note?: { readonly fr: string; readonly en: string }
}

const same = (text: string) => ({ fr: text, en: text })

/** A longest side, in units: smaller islands are drawn as dots, so that they can be seen at all. */
const leastExtent = 4

const france = '250'

const plans: { readonly [code in TerritoryCode]: Plan } = {
  // Without the rocks of Matthew and Walpole, far to the east.
  NC: {
    country: '540',
    box: [163, -23, 169, -19],
    land: [258, 180],
    bar: { km: 100, by: [0, 8] },
    places: [
      { at: [166.45, -22.27], text: same('Nouméa'), anchor: 'end', by: [-8, 10], town: true },
      { at: [164.9, -21.55], text: same('Grande Terre'), anchor: 'end', by: [-2, 8] },
      { at: [167.15, -20.35], text: { fr: 'Îles Loyauté', en: 'Loyalty Islands' }, anchor: 'middle', by: [22, -2] },
    ],
  },
  PF: {
    country: '258',
    box: [-155, -28, -134, -7],
    land: [200, 178],
    bar: { km: 500, by: [-22, 0] },
    places: [
      { at: [-149.57, -17.54], text: same('Papeete'), anchor: 'start', by: [3, 18], town: true },
      { at: [-140.1, -9.2], text: { fr: 'Marquises', en: 'Marquesas' }, anchor: 'end', by: [-14, 0] },
      { at: [-144, -14], text: same('Tuamotu'), anchor: 'start', by: [-10, -8] },
      { at: [-150, -23.4], text: { fr: 'Australes', en: 'Austral Islands' }, anchor: 'middle', by: [4, 20] },
      { at: [-135, -23.1], text: same('Gambier'), anchor: 'end', by: [10, 20] },
    ],
  },
  WF: {
    country: '876',
    box: [-179, -15, -175, -13],
    land: [190, 110],
    bar: { km: 50, by: [0, 34] },
    places: [
      { at: [-176.17, -13.28], text: same('Mata’utu'), anchor: 'end', by: [-12, 4], town: true },
      { at: [-176.2, -13.22], text: same('Wallis'), anchor: 'end', by: [-10, -8] },
      { at: [-178.13, -14.28], text: same('Futuna'), anchor: 'start', by: [14, 4] },
    ],
  },
  GP: {
    country: france,
    box: [-61.9, 15.8, -60.9, 16.6],
    land: [190, 160],
    bar: { km: 20, by: [-12, 20] },
    places: [
      { at: [-61.53, 16.24], text: same('Pointe-à-Pitre'), anchor: 'start', by: [4, 21], town: true },
      { at: [-61.66, 16.38], text: same('Basse-Terre'), anchor: 'middle', by: [-24, -8] },
      { at: [-61.27, 15.86], text: same('Marie-Galante'), anchor: 'middle', by: [12, 15] },
    ],
  },
  MQ: {
    country: france,
    box: [-61.3, 14.3, -60.7, 15],
    land: [150, 178],
    bar: { km: 10, by: [0, 0] },
    places: [{ at: [-61.07, 14.605], text: same('Fort-de-France'), anchor: 'end', by: [-10, 16], town: true }],
  },
  GF: {
    country: france,
    box: [-55, 2, -51, 6],
    land: [164, 180],
    bar: { km: 100, by: [146, -4] },
    places: [
      { at: [-52.33, 4.93], text: same('Cayenne'), anchor: 'start', by: [9, 3], town: true },
      { at: [-52.65, 5.16], text: same('Kourou'), anchor: 'start', by: [6, -5], town: true },
    ],
  },
  BL: {
    country: '652',
    box: [-63, 17.8, -62.7, 18],
    land: [110, 70],
    bar: { km: 2, by: [0, 30] },
    places: [{ at: [-62.851, 17.897], text: same('Gustavia'), anchor: 'end', by: [-8, 16], town: true }],
  },
  // The French side only: Sint Maarten is another country.
  MF: {
    country: '663',
    box: [-63.2, 18, -62.9, 18.2],
    land: [140, 100],
    bar: { km: 2, by: [0, 16] },
    places: [{ at: [-63.085, 18.068], text: same('Marigot'), anchor: 'end', by: [-5, -16], town: true }],
  },
  PM: {
    country: '666',
    box: [-57, 46, -56, 48],
    land: [116, 182],
    bar: { km: 10, by: [-66, 0] },
    places: [
      { at: [-56.173, 46.779], text: same('Saint-Pierre'), anchor: 'start', by: [4, -18], town: true },
      { at: [-56.38, 47.1], text: same('Miquelon'), anchor: 'end', by: [-12, -2] },
      { at: [-56.32, 46.86], text: same('Langlade'), anchor: 'end', by: [-30, 8] },
    ],
  },
  RE: {
    country: france,
    box: [55, -21.5, 56, -20.8],
    land: [180, 152],
    bar: { km: 20, by: [0, 24] },
    places: [
      { at: [55.45, -20.885], text: same('Saint-Denis'), anchor: 'middle', by: [0, -10], town: true },
      { at: [55.478, -21.34], text: same('Saint-Pierre'), anchor: 'end', by: [-12, 12], town: true },
    ],
  },
  YT: {
    country: france,
    box: [44.9, -13.1, 45.4, -12.6],
    land: [144, 176],
    bar: { km: 10, by: [80, 0] },
    places: [
      { at: [45.228, -12.781], text: same('Mamoudzou'), anchor: 'start', by: [3, -25], town: true },
      { at: [45.28, -12.77], text: same('Petite-Terre'), anchor: 'start', by: [-8, 34] },
    ],
  },
  // Without the Scattered Islands, 3,000 km to the north, and Adélie Land, on the Antarctic continent.
  TF: {
    country: '260',
    box: [50, -50, 78, -37],
    land: [190, 120],
    bar: { km: 500, by: [0, 40] },
    note: { fr: 'hors carte\u00a0: Éparses, Adélie', en: 'off the map: Éparses, Adélie' },
    places: [
      { at: [70.22, -49.35], text: same('Port-aux-Français'), anchor: 'end', by: [-18, 14], town: true },
      { at: [69.2, -48.7], text: same('Kerguelen'), anchor: 'end', by: [-10, 0] },
      { at: [51, -46.2], text: same('Crozet'), anchor: 'start', by: [-2, -8] },
      { at: [77.5, -37.9], text: same('Amsterdam'), anchor: 'end', by: [-10, 4] },
    ],
  },
  COR: {
    country: france,
    box: [8.4, 41.3, 9.7, 43.1],
    land: [90, 182],
    bar: { km: 50, by: [72, 0] },
    places: [
      { at: [8.737, 41.92], text: same('Ajaccio'), anchor: 'end', by: [-14, 4], town: true },
      { at: [9.45, 42.7], text: same('Bastia'), anchor: 'start', by: [8, 4], town: true },
    ],
  },
}

/** Roughly how wide a label is, in units: enough to leave it room. */
const widthOf = (text: string): number => [...text].length * 7

const earthRadius = 6371.0088
const lineAbove = 11
const lineBelow = 3.5
const margin = 2

const round = (value: number): number => Math.round(value * 10) / 10

const polygonsOf = (world: Topology, { country, box }: Plan): readonly Polygon[] => {
  const all = world.objects.countries
  if (all?.type !== 'GeometryCollection') throw new Error('world-atlas holds no collection of countries')
  const found = all.geometries.find(({ id }) => id === country)
  if (!found) throw new Error(`world-atlas holds no country ${country}`)
  const cut = feature(world, found)
  if (cut.type !== 'Feature') throw new Error(`country ${country} of world-atlas is no single feature`)
  const { geometry } = cut
  const polygons =
    geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.type === 'MultiPolygon' ? geometry.coordinates : []
  const [west, south, east, north] = box
  const inside = polygons.filter((coordinates) => {
    const [x, y] = geoCentroid({ type: 'Polygon', coordinates })
    return x >= west && x <= east && y >= south && y <= north
  })
  if (inside.length === 0) throw new Error(`no polygon of country ${country} lies in ${box.join(', ')}: mend the box`)
  return inside
}

const mapOf = (world: Topology, plan: Plan): TerritoryMap => {
  const polygons = polygonsOf(world, plan)
  const projection = geoMercator().fitSize([...plan.land], { type: 'MultiPolygon', coordinates: [...polygons] })
  const project = (point: readonly number[]): Point => {
    const [x, y] = projection([point[0] ?? 0, point[1] ?? 0]) ?? [0, 0]
    return [x, y]
  }
  const islands = polygons.map(([outer = []]) => outer.slice(0, -1).map(project))
  const land = extentOf(islands.flat())
  const places = plan.places.map(({ at, text, anchor, by, town }) => {
    const [x, y] = project(at)
    return { text, anchor, town: town && ([x, y] as const), at: [x + by[0], y + by[1]] as const }
  })
  const latitude = projection.invert?.([(land.left + land.right) / 2, (land.top + land.bottom) / 2])?.[1] ?? 0
  const pixels = (plan.bar.km * projection.scale()) / (earthRadius * Math.cos((latitude * Math.PI) / 180))
  const bar: Point = [land.left + plan.bar.by[0], land.bottom + plan.bar.by[1]]
  const boxes = [
    land,
    ...places.map(({ text, anchor, at }) => boxOf(at, anchor, Math.max(widthOf(text.fr), widthOf(text.en)))),
    ...(plan.note
      ? [boxOf([bar[0], bar[1] + 18], 'start', Math.max(widthOf(plan.note.fr), widthOf(plan.note.en)))]
      : []),
    boxOf(bar, 'start', pixels + 6 + widthOf(`${plan.bar.km} km`)),
  ]
  const frame = extentOf(
    boxes.flatMap(({ left, top, right, bottom }) => [[left, top] as const, [right, bottom] as const]),
  )
  const placed = ([x, y]: Point): Point => [round(x - frame.left + margin), round(y - frame.top + margin)]
  const isSmall = (island: readonly Point[]): boolean => {
    const { left, top, right, bottom } = extentOf(island)
    return Math.max(right - left, bottom - top) < leastExtent
  }
  const middle = (island: readonly Point[]): Point => {
    const { left, top, right, bottom } = extentOf(island)
    return placed([(left + right) / 2, (top + bottom) / 2])
  }
  return {
    width: Math.ceil(frame.right - frame.left + 2 * margin),
    height: Math.ceil(frame.bottom - frame.top + 2 * margin),
    land: islands
      .filter((island) => !isSmall(island))
      .map((island) => `M${island.map((point) => placed(point).join(' ')).join('L')}Z`)
      .join(''),
    islets: islands.filter(isSmall).map(middle),
    bar: { km: plan.bar.km, at: placed(bar), length: round(pixels) },
    ...(plan.note && { note: { text: plan.note, at: placed([bar[0], bar[1] + 18]) } }),
    places: places.map(({ text, anchor, town, at }) => ({
      text,
      anchor,
      at: placed(at),
      ...(town && { town: placed(town) }),
    })),
  }
}

type Extent = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }

const extentOf = (points: readonly Point[]): Extent => ({
  left: Math.min(...points.map(([x]) => x)),
  top: Math.min(...points.map(([, y]) => y)),
  right: Math.max(...points.map(([x]) => x)),
  bottom: Math.max(...points.map(([, y]) => y)),
})

const boxOf = ([x, y]: Point, anchor: Place['anchor'], width: number): Extent => {
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2
  return { left, right: left + width, top: y - lineAbove, bottom: y + lineBelow }
}

const atlas = createRequire(import.meta.url).resolve('world-atlas/countries-10m.json')
const world = JSON.parse(readFileSync(atlas, 'utf8')) as Topology
const lines = Object.entries(plans).map(
  ([code, plan]) => `  ${JSON.stringify(code)}: ${JSON.stringify(mapOf(world, plan))}`,
)
writeFileSync(fileURLToPath(new URL('../../templates/maps.json', import.meta.url)), `{\n${lines.join(',\n')}\n}\n`)
