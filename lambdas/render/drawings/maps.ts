/** SVG maps from templates/maps.json. One unit is 1/16 rem, so that words keep their size. */
import Handlebars from 'handlebars'
import maps from '../../../templates/maps.json' with { type: 'json' }
import type { Language } from '../../domain/core/language/languages.ts'
import { wordingOf } from '../../domain/core/language/report-wording.ts'
import { maximum, minimum } from '../../domain/core/lists.ts'
import { isTerritoryCode, type TerritoryCode, territoryOf } from '../../domain/core/place/territory.ts'

const { escapeExpression } = Handlebars

type Point = readonly [number, number]

/** Written by `npm run build:maps`. */
export type TerritoryMap = {
  readonly width: number
  readonly height: number
  /** Islands large enough to outline. */
  readonly land: string
  /** Centres of the smaller islands. */
  readonly islets: readonly Point[]
  readonly bar: { readonly km: number; readonly at: Point; readonly length: number }
  readonly note?: { readonly text: { readonly [language in Language]: string }; readonly at: Point }
  readonly places: readonly {
    readonly text: { readonly [language in Language]: string }
    readonly at: Point
    readonly anchor: 'start' | 'middle' | 'end'
    readonly town?: Point
  }[]
}

export const territoryMaps = maps as unknown as { readonly [code in TerritoryCode]: TerritoryMap }

/** Empty for a code without a map. */
export const outline = (code: string, language: Language): string => {
  if (!isTerritoryCode(code)) return ''
  const { width, height, land, islets, bar, note, places } = territoryMaps[code]
  const words = wordingOf(language)
  const text = words.say('map.text', {
    without: note ? `, ${note.text[language]}` : '',
    territory: territoryOf(code).name[language],
    places: words.list(places.map((place) => place.text[language])),
    km: bar.km,
  })
  const [x, y] = bar.at
  const parts = [
    ...(land ? [`<path class="land" d="${land}"/>`] : []),
    // A zero-length line with round caps is a dot.
    ...(islets.length > 0 ? [`<path class="islets" d="${islets.map((at) => `M${at.join(' ')}h0`).join('')}"/>`] : []),
    `<path class="scale" d="M${x} ${y - 4}v-5v2.5h${bar.length}v-2.5v5"/>`,
    `<text class="quiet" x="${x + bar.length + 5}" y="${y - 2}">${words.number(bar.km)}\u00a0km</text>`,
    ...(note
      ? [`<text class="quiet" x="${note.at[0]}" y="${note.at[1]}">${escapeExpression(note.text[language])}</text>`]
      : []),
    ...places.flatMap(({ text: names, at, anchor, town }) => [
      ...(town ? [`<circle class="town" cx="${town[0]}" cy="${town[1]}" r="3"/>`] : []),
      `<text${town ? '' : ' class="quiet"'} x="${at[0]}" y="${at[1]}" text-anchor="${anchor}">${escapeExpression(names[language])}</text>`,
    ]),
  ]
  return `<svg class="map" style="--units:${width}" width="${width / 16}rem" height="${height / 16}rem" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeExpression(text)}">${parts.join('')}</svg>`
}

/** Fills its box, keeps line width, has no words. Empty for a code without a map. */
export const landMark = (code: string): string => {
  if (!isTerritoryCode(code)) return ''
  const { land, islets } = territoryMaps[code]
  const shore = (land.match(/[\d.]+ [\d.]+/g) ?? []).map((point) => point.split(' ').map(Number))
  const points = [...shore, ...islets]
  const [xs, ys] = [points.map(([x = 0]) => x), points.map(([, y = 0]) => y)]
  const [left, top] = [minimum(xs), minimum(ys)]
  const box = [left, top, Math.max(1, maximum(xs) - left), Math.max(1, maximum(ys) - top)]
  const dots = islets.map((at) => `M${at.join(' ')}h0`).join('')
  return `<svg class="land-mark" viewBox="${box.join(' ')}" aria-hidden="true"><path class="land" d="${land}"/>${dots && `<path class="islets" d="${dots}"/>`}</svg>`
}
