/** Which detections are looked for: by what they say, by words, by who may see them. */
import { type Ceiling, isOperator, isUnder } from '../access/caller.ts'
import { detectorShown, withDeclared } from '../aggregate/watch/watch.ts'
import type { Language } from '../core/language/languages.ts'
import type { Marking } from '../core/marking.ts'
import { refang } from '../core/text/defang.ts'
import { folded, mayHold } from '../core/text/spelling.ts'
import { knownUnder } from '../detection/attribution.ts'
import type { Detection } from '../detection/detection.ts'
import type { Kind } from '../detection/kinds.ts'
import { campaignNames } from '../detection/names/aliases.ts'
import { mayBeNamed, namesShown } from './names.ts'
import { untranslatedIn } from './untranslated.ts'

/** All of these must fit; names compare in lower case. */
export type Filter = {
  readonly kind?: Kind | undefined
  readonly campaign?: string | undefined
  /** As a reader sees it: one that may not be named is not found. */
  readonly detector?: string | undefined
  readonly marking?: Marking | undefined
  /** Each word begins one of the detection's, whatever the accents and the case; or all are one domain or account. */
  readonly words?: string | undefined
  /** It has a text that is not there in this language. */
  readonly untranslated?: Language | undefined
}

/** Longer than any name, and short enough for a key of the store. */
export const maxSought = 200

/** A text that nothing can be looked for by. */
export class SoughtError extends Error {
  override name = 'SoughtError'
}

/** Something that shows: spaces, control signs and what has no width are nothing to look for. */
export const visible = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u

/** A text by which something is looked for. @throws SoughtError */
export const soughtText = (text: string): string => {
  const length = Array.from(text).length
  if (!visible.test(text)) throw new SoughtError('must not be empty')
  if (length > maxSought) throw new SoughtError(`must have at most ${maxSought} characters, and has ${length}`)
  return text
}

/** What a reader may know of detections: up to a marking, of territories, and of the names of detectors. */
export type View = {
  readonly ceiling: Ceiling
  /** The strictest marking that was declared for each detector, as far as it may be known. */
  readonly declared: ReadonlyMap<string, Marking>
}

/** The name beside a detection. Who may know everything reads it as it is. */
export const detectorIn = (detection: Detection, { ceiling, declared }: View): string =>
  isOperator(ceiling) ? detection.detector.name : detectorShown(withDeclared(detection, declared))

/** How strict the name is that is told beside a detection, where somebody has said so. */
export const namedMarking = (detection: Detection, view: View): Marking | undefined => {
  const { name, marking } = withDeclared(detection, view.declared).detector
  return detectorIn(detection, view) === name ? marking : undefined
}

/** Whether a reader may know of a detection and it is what is looked for. */
export const lookingFor = (filter: Filter, view: View): ((detection: Detection) => boolean) => {
  const { kind, marking, untranslated } = filter
  const campaigns = filter.campaign && campaignNames(filter.campaign).map((name) => name.toLowerCase())
  const detector = filter.detector?.toLowerCase()
  const containsWords = filter.words === undefined ? () => true : saying(filter.words)
  return (detection) =>
    isUnder(view.ceiling, detection) &&
    (kind === undefined || detection.kind === kind) &&
    (marking === undefined || detection.marking === marking) &&
    (!campaigns || campaigns.includes(detection.campaign?.toLowerCase() ?? '')) &&
    (detector === undefined || detectorIn(detection, view).toLowerCase() === detector) &&
    (untranslated === undefined || untranslatedFor(detection, untranslated, view).length > 0) &&
    containsWords(detection)
}

/** The same as far as a reader may know of the detection. */
export const untranslatedFor = (detection: Detection, language: Language, { ceiling }: View): readonly string[] =>
  untranslatedIn(knownUnder(detection, ceiling.clearance), language)

/** Whether there is something in a text that can be looked for: signs and pictures are in no word. */
export const isSearchable = (text: string): boolean => folded(text) !== '' || hostOf(text.trim()) !== undefined

/** Whether a detection says all the words, is about a domain, or names an account. */
export const saying = (text: string): ((detection: Detection) => boolean) => {
  const words = folded(text).split(' ').filter(Boolean)
  const written = text.trim()
  const host = hostOf(written)
  return (detection) =>
    (words.length > 0 && holdsAll(detection, words)) ||
    (host !== undefined && detection.indicators.some(({ type, value }) => isAddress(type) && hostOf(value) === host)) ||
    [detection.accountRefs, detection.coordinatedAccountRefs].some((refs) => refs?.includes(written))
}

/**
 * Whether a detection, as the text of its JSON, may say the words: false only where {@link saying} is. Most are told
 * apart by this before they are read.
 */
export const maySay = (text: string): ((json: string) => boolean) => {
  // An address begins the same whether it is live or not.
  const host = hostOf(text.trim())
  const words = folded(host ?? text)
    .split(' ')
    .filter((word) => host === undefined || !word.startsWith('http'))
    .map((word) => [mayHold(word), mayBeNamed(word)] as const)
    .map(
      ([isThere, isNamed]) =>
        (json: string) =>
          isThere(json) || isNamed(json),
    )
  return (json) => words.every((holds) => holds(json))
}

/** What a detection is known by beside its texts. */
export const namesOf = ({ campaign, hashtags }: Detection): readonly string[] =>
  campaign === undefined ? hashtags : [campaign, ...hashtags]

/**
 * Names as they stand in JSON, or in JSON whose quotes are escaped once; neither group where one has a quote or escape
 * in it.
 */
const namesPattern = /(?:(\\)"|")(?:campaign|hashtags)\1":(?:\1"([^"\\]*)\1"|\[((?:\1"[^"\\]*\1",?)*)\])?/y

/**
 * Whether a detection, as the text of its JSON, may have a name that is not among `known`: false only where it has
 * none. Names may be added to `known`, and none be taken out.
 */
export const mayName = (known: ReadonlySet<string>): ((json: string) => boolean) => {
  // Many detections say the same, as no hashtag at all.
  const settled = new Set<string>()
  const isKnown = (excerpt: string): boolean => {
    if (settled.has(excerpt)) return true
    namesPattern.lastIndex = 0
    const [, escape = '', name, list] = namesPattern.exec(excerpt) ?? []
    const names = list === undefined ? [name] : list.split(`${escape}"`).filter((_, part) => part % 2 === 1)
    if (!names.every((one) => one !== undefined && known.has(one))) return false
    if (settled.size >= maxSettled) settled.clear()
    settled.add(excerpt)
    return true
  }
  return (json) => {
    nameFields.lastIndex = 0
    while (nameFields.test(json)) {
      const at = nameFields.lastIndex - 8
      const from = json[at - 2] === '\\' ? at - 2 : at - 1
      namesPattern.lastIndex = from
      if (namesPattern.test(json) && !isKnown(json.slice(from, namesPattern.lastIndex))) return true
    }
    return false
  }
}

/** Where one of these words stands, of eight letters each. */
const nameFields = /campaign|hashtags/g

/** So many texts are remembered. */
const maxSettled = 10_000

const isAddress = (type: string): boolean => type === 'url' || type === 'domain'

/** The host that a domain or an address names, live or defanged; undefined where the text names none. */
export const hostOf = (text: string): string | undefined => {
  const [, host] =
    /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/?#@]*@)?([^/?#:@\s]+\.[^/?#:@\s]+?)\.?(?::\d+)?(?:[/?#]|$)/i.exec(
      refang(text),
    ) ?? []
  return host?.toLowerCase()
}

const holdsAll = (detection: Detection, words: readonly string[]): boolean => {
  const text = textOf(detection)
  return words.every((word) => text.includes(` ${word}`))
}

/** What of a detection words are looked for in, folded, each word after a space. */
const textOf = (detection: Detection): string => {
  const { title, summary, narratives, hashtags } = detection
  const texts = [title, ...(summary ? [summary] : []), ...narratives].flatMap((one) => Object.values<string>(one))
  return ` ${folded([...texts, ...hashtags, ...namesShown(detection)].join(' '))}`
}
