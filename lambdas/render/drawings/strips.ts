import Handlebars from 'handlebars'
import type { ChangeSign } from '../../domain/page/front/since.ts'
import type { WatchSign } from '../../domain/page/words/watch.ts'

const { escapeExpression } = Handlebars

/** In rem. */
const side = 0.75
const step = 1

export const watchStrip = (days: readonly WatchSign[], text: string) =>
  `<svg class="strip" width="${days.length * step}rem" height="1rem" viewBox="0 0 ${days.length * 16} 16" role="img" aria-label="${escapeExpression(text)}">${days.map((sign, at) => mark(sign, at * 16 + 2)).join('')}</svg>`

export const watchMark = (sign: WatchSign) =>
  `<svg class="strip" width="${side}rem" height="1rem" viewBox="0 0 12 16" aria-hidden="true">${mark(sign, 0)}</svg>`

const changePaths: Readonly<Record<ChangeSign, string>> = {
  added: 'M2 8h8M6 4v8',
  goesOn: 'M1 8h9M7 5l3 3l-3 3',
  ended: 'M1 8h7M5 5l3 3l-3 3M11 4v8',
  corrected: 'M2 6.5h8M2 9.5h8M8.5 3.5l-5 9',
}

export const changeMark = (sign: ChangeSign): string =>
  `<svg class="strip" width="${side}rem" height="1rem" viewBox="0 0 12 16" aria-hidden="true"><path class="change" d="${changePaths[sign]}"/></svg>`

const mark = (sign: WatchSign, x: number): string => {
  switch (sign) {
    case 'found':
      return `<rect class="solid" x="${x + 0.5}" y="2.5" width="11" height="11"/>`
    case 'nothing':
      return `<rect class="hollow" x="${x + 0.5}" y="2.5" width="11" height="11"/>`
    case 'silent':
      return `<path class="cross" d="M${x + 1} 3l10 10m0-10l-10 10"/>`
    case 'not due':
      return `<path class="dash" d="M${x + 3} 8h6"/>`
  }
}
