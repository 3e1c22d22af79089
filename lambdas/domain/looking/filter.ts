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

/** All conditions must match; names ignore case. */
export type Filter = {
  readonly kind?: Kind | undefined
  readonly campaign?: string | undefined
  /** The visible name: a hidden detector is never found. */
  readonly detector?: string | undefined
  readonly marking?: Marking | undefined
  /** Each is a word prefix, ignoring accents and case; or the whole is a domain or an account. */
  readonly words?: string | undefined
  readonly untranslated?: Language | undefined
}

/** Longer than any name, and short enough for a store key. */
export const maxSought = 200

export class SoughtError extends Error {
  override name = 'SoughtError'
}

/** Excludes spaces, control and zero-width characters. */
export const visible = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u

/** @throws SoughtError */
export const soughtText = (text: string): string => {
  const length = Array.from(text).length
  if (!visible.test(text)) throw new SoughtError('must not be empty')
  if (length > maxSought) throw new SoughtError(`must have at most ${maxSought} characters, and has ${length}`)
  return text
}

export type View = {
  readonly ceiling: Ceiling
  readonly declared: ReadonlyMap<string, Marking>
}

/** Returns the detector name that a reader sees; operators see the real one. */
export const detectorIn = (detection: Detection, { ceiling, declared }: View): string =>
  isOperator(ceiling) ? detection.detector.name : detectorShown(withDeclared(detection, declared))

/** Returns the marking of the shown detector name, if declared. */
export const namedMarking = (detection: Detection, view: View): Marking | undefined => {
  const { name, marking } = withDeclared(detection, view.declared).detector
  return detectorIn(detection, view) === name ? marking : undefined
}

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

export const untranslatedFor = (detection: Detection, language: Language, { ceiling }: View): readonly string[] =>
  untranslatedIn(knownUnder(detection, ceiling.clearance), language)

/** Returns whether a text has searchable characters: punctuation and emoji are in no word. */
export const isSearchable = (text: string): boolean => folded(text) !== '' || hostOf(text.trim()) !== undefined

/** Returns whether a detection contains all words, is about a domain, or names an account. */
export const saying = (text: string): ((detection: Detection) => boolean) => {
  const words = folded(text).split(' ').filter(Boolean)
  const written = text.trim()
  const host = hostOf(written)
  return (detection) =>
    (words.length > 0 && holdsAll(detection, words)) ||
    (host !== undefined && detection.indicators.some(({ type, value }) => isAddress(type) && hostOf(value) === host)) ||
    [detection.accountRefs, detection.coordinatedAccountRefs].some((refs) => refs?.includes(written))
}

/** Tests raw JSON before parsing: false only if {@link saying} is false too. */
export const maySay = (text: string): ((json: string) => boolean) => {
  // Live and defanged addresses begin the same.
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

export const namesOf = ({ campaign, hashtags }: Detection): readonly string[] =>
  campaign === undefined ? hashtags : [campaign, ...hashtags]

/** Names in JSON, or in JSON with quotes escaped once; no group matches if a name has a quote or an escape. */
const namesPattern = /(?:(\\)"|")(?:campaign|hashtags)\1":(?:\1"([^"\\]*)\1"|\[((?:\1"[^"\\]*\1",?)*)\])?/y

/** Tests raw JSON for a name outside `known`: false only if there is none. `known` may grow but never shrink. */
export const mayName = (known: ReadonlySet<string>): ((json: string) => boolean) => {
  // Many detections have the same excerpt, such as an empty hashtag list.
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

/** Both words have eight letters. */
const nameFields = /campaign|hashtags/g

const maxSettled = 10_000

const isAddress = (type: string): boolean => type === 'url' || type === 'domain'

/** Returns the host of a domain or an address, live or defanged. */
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

/** Returns the searchable text, folded, with a space before each word. */
const textOf = (detection: Detection): string => {
  const { title, summary = {}, claim, established, narratives, hashtags } = detection
  const texts = [title, summary, claim?.text ?? {}, established?.text ?? {}, ...narratives].flatMap((one) =>
    Object.values<string>(one),
  )
  return ` ${folded([...texts, ...hashtags, ...namesShown(detection)].join(' '))}`
}
