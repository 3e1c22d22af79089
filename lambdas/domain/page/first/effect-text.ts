import { isPickUp } from '../../aggregate/level/level-effect.ts'
import { outcomeOf } from '../../aggregate/outcome.ts'
import type { Segment } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import type { Localised } from '../../detection/detection.ts'
import type { Entry, Facts } from '../../report/facts.ts'
import { sharedText } from '../words/in-part.ts'
import { breakoutMeaning, originalOf, plain, shortened, titleOf } from '../words/phrases.ts'

/** A source's text, cut to so many characters. */
export const statement = (text: Localised, words: ReportWording, most: number): readonly Segment[] =>
  originalOf(titleOf(text, words.language, most))

/** A pick-up by others, which is an effect without being observed as one. */
export const pickUpIn = (entry: Entry): (Entry & { readonly breakout: NonNullable<Entry['breakout']> }) | undefined => {
  const rated = [entry, ...entry.parts].flatMap((one) => {
    const { breakout } = one
    return breakout && isPickUp(breakout) ? [{ ...one, breakout }] : []
  })
  return rated.toSorted((a, b) => b.breakout.category - a.breakout.category)[0]
}

/** Where an effect that decides no level is stated: for a *group* of territories, by what is *uncounted* here, or nowhere. */
export const undecidedEffect = ({
  effects,
  manoeuvres,
  ongoing,
  undatedHere,
}: Pick<Facts, 'effects' | 'manoeuvres' | 'ongoing' | 'undatedHere'>): 'group' | 'uncounted' | 'none' => {
  if (effects.stated.observed > 0 || manoeuvres.some(pickUpIn)) return 'group'
  const isStated = (one: Entry): boolean => one.observedEffect?.state === 'observed' || pickUpIn(one) !== undefined
  return [...ongoing, ...undatedHere].some(isStated) ? 'uncounted' : 'none'
}

/** The effect in its source's words, or the pick-up; and the breakout. */
export const effectText = (
  lead: Entry,
  facts: Pick<Facts, 'territory'>,
  words: ReportWording,
  most: number,
): { readonly effect: readonly Segment[]; readonly breakout: readonly Segment[] } => {
  const { effects, overallEffect, breakout } = outcomeOf([lead, ...lead.parts])
  const { effect, of } = effects[0] ?? {}
  const sharedBy = (one: Entry): string => sharedText(one, facts.territory, words, 'front.effect.shared')
  const scale = breakout
    ? words.say('front.breakout', {
        category: breakout.category,
        meaning: breakoutMeaning(breakout, words),
      })
    : ''
  if (of && effect?.state === 'observed') {
    const source = effect.source ? words.say('front.source', { source: shortened(effect.source, 40) }) : ''
    return {
      effect: effect.text
        ? statement(effect.text, words, most)
        : plain(words.say('front.effect.noText', { degree: effect.degree ?? 'none' })),
      breakout: plain([source, sharedBy(of), scale].filter(Boolean).join(' ')),
    }
  }
  const pickUp = pickUpIn(lead)
  if (pickUp) {
    const { evidence } = pickUp.breakout
    return {
      effect: evidence ? statement(evidence, words, most) : plain(words.say('front.effect.pickUp')),
      breakout: plain([sharedBy(pickUp), scale].filter(Boolean).join(' ')),
    }
  }
  const source = effect?.source ? words.say('effect.source', { source: effect.source }) : ''
  const key =
    overallEffect === 'none'
      ? 'front.effect.none'
      : overallEffect === 'not assessed'
        ? 'front.effect.notAssessed'
        : 'front.effect.unknown'
  return { effect: plain(words.say(key, { source })), breakout: plain(scale) }
}
