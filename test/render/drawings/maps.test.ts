/** The outline maps: one for each territory, with legible labels and an alternative text. */
import { describe, expect, it } from 'vitest'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { territories } from '../../../lambdas/domain/core/place/territory.ts'
import { outline, type TerritoryMap, territoryMaps } from '../../../lambdas/render/drawings/maps.ts'

type Point = readonly [number, number]
type Box = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }

const maps = territories.map(({ code }) => [code, territoryMaps[code]] as const)

/** In 14.67 units, Source Sans is hardly wider than this a character. */
const widthOf = (text: string): number => text.length * 6.9

const labelBoxes = ({ places, bar }: TerritoryMap, language: 'fr' | 'en'): readonly Box[] => [
  ...places.map(({ at: [x, y], anchor, text }) => {
    const width = widthOf(text[language])
    const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2
    return { left, right: left + width, top: y - 10.5, bottom: y + 3 }
  }),
  {
    left: bar.at[0],
    right: bar.at[0] + bar.length + 5 + widthOf(`${bar.km} km`),
    top: bar.at[1] - 12,
    bottom: bar.at[1],
  },
]

const polygonsOf = ({ land }: TerritoryMap): readonly (readonly Point[])[] =>
  land
    .split('Z')
    .filter(Boolean)
    .map((path) =>
      path
        .slice(1)
        .split('L')
        .map((pair): Point => {
          const [x, y] = pair.split(' ').map(Number)
          return [x ?? Number.NaN, y ?? Number.NaN]
        }),
    )

const isInside = ([x, y]: Point, polygon: readonly Point[]): boolean => {
  let inside = false
  for (const [at, [x1, y1]] of polygon.entries()) {
    const [x2, y2] = polygon.at(at - 1) ?? [0, 0]
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside
  }
  return inside
}

/** Which share of a box lies on land. */
const onLand = ({ left, top, right, bottom }: Box, polygons: readonly (readonly Point[])[]): number => {
  const points = Array.from({ length: 400 }, (_, at): Point => {
    const [column, row] = [at % 40, Math.floor(at / 40)]
    return [left + ((column + 0.5) / 40) * (right - left), top + ((row + 0.5) / 10) * (bottom - top)]
  })
  return points.filter((point) => polygons.some((polygon) => isInside(point, polygon))).length / points.length
}

const overlap = (one: Box, other: Box): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom

describe('every territory', () => {
  it.each(maps)('%s has land or islets within its frame, and fits next to the title', (_, map) => {
    const points = [...polygonsOf(map).flat(), ...map.islets]
    expect(points.length).toBeGreaterThan(5)
    expect(points.every(([x, y]) => x >= 0 && y >= 0 && x <= map.width && y <= map.height)).toBe(true)
    expect(map.width).toBeLessThanOrEqual(300)
    expect(map.height).toBeLessThanOrEqual(200)
  })

  it.each(maps)('%s has labels in the frame, apart from each other and from the land', (_, map) => {
    for (const language of languages) {
      const boxes = labelBoxes(map, language)
      const polygons = polygonsOf(map)
      for (const [at, box] of boxes.entries()) {
        expect(Math.min(box.left, box.top), `box ${at}`).toBeGreaterThanOrEqual(-1)
        expect(box.right, `box ${at}`).toBeLessThanOrEqual(map.width + 1)
        expect(box.bottom, `box ${at}`).toBeLessThanOrEqual(map.height + 1)
        expect(onLand(box, polygons), `box ${at} on land`).toBeLessThan(0.12)
        for (const [other, second] of boxes.entries()) {
          if (other > at) expect(overlap(box, second), `boxes ${at} and ${other}`).toBe(false)
        }
      }
    }
  })

  it.each(maps)('%s names its town or islands in both languages, with towns on the shore', (_, map) => {
    expect(map.places.length).toBeGreaterThan(0)
    const polygons = polygonsOf(map)
    for (const { town, text } of map.places) {
      expect(text.fr && text.en).toBeTruthy()
      if (!town) continue
      const near = [...polygons.flat(), ...map.islets].some(([x, y]) => Math.hypot(x - town[0], y - town[1]) < 12)
      expect(near || polygons.some((polygon) => isInside(town, polygon))).toBe(true)
    }
  })
})

describe('an outline', () => {
  it('has an alternative text', () => {
    expect(outline('NC', 'en')).toContain(
      'role="img" aria-label="New Caledonia: outline of the territory, with Nouméa, Grande Terre and Loyalty Islands. Scale bar: 100\u00a0km."',
    )
    expect(outline('NC', 'fr')).toContain('Îles Loyauté')
    expect(outline('TF', 'en')).toContain('off the map')
  })

  it('has labels in the size of the page: one unit is 1/16 rem', () => {
    const { width, height } = territoryMaps.PF
    expect(outline('PF', 'fr')).toContain(
      `width="${width / 16}rem" height="${height / 16}rem" viewBox="0 0 ${width} ${height}"`,
    )
  })

  it('draws small islands as dots', () => {
    expect(territoryMaps.PF.islets.length).toBeGreaterThan(60)
    expect(outline('PF', 'fr').match(/h0/g)).toHaveLength(territoryMaps.PF.islets.length)
  })

  it('is empty for a code without a map', () => {
    for (const code of ['', 'XX', 'constructor', '"><script>']) expect(outline(code, 'fr')).toBe('')
  })

  it('shows only the French side of Saint-Martin, with a correct scale bar', () => {
    // From Marigot to Gustavia's side: the French side is some 10 km across.
    const { bar, land } = territoryMaps.MF
    const xs = polygonsOf({ ...territoryMaps.MF, land })
      .flat()
      .map(([x]) => x)
    const across = ((Math.max(...xs) - Math.min(...xs)) / bar.length) * bar.km
    expect(across).toBeGreaterThan(8)
    expect(across).toBeLessThan(18)
    const grandeTerre = [...polygonsOf(territoryMaps.NC)].sort((a, b) => b.length - a.length)[0] ?? []
    const ends = grandeTerre.map(([x]) => x)
    const lengthOf = ((Math.max(...ends) - Math.min(...ends)) / territoryMaps.NC.bar.length) * 100
    expect(lengthOf).toBeGreaterThan(290)
    expect(lengthOf).toBeLessThan(340)
  })
})
