import { InvalidArgumentError } from 'commander'
import { systemClock } from '../../lambdas/config/clock.ts'
import { faultText } from '../../lambdas/domain/core/fault-text.ts'
import { messageOf } from '../../lambdas/domain/core/text/thrown.ts'

/** Runs a parser and turns its error into a usage error. */
export const usage = <Value>(word: string, parse: () => Value): Value => {
  try {
    return parse()
  } catch (error) {
    throw new InvalidArgumentError(`${word}: ${messageOf(error)}`)
  }
}

export const notEmpty =
  (word: string, fix = fixFor(word)) =>
  (text: string): string => {
    if (text.trim() === '') throw new InvalidArgumentError(`${word}: it is empty: ${fix}`)
    return text
  }

const fixFor = (word: string): string => {
  if (/(?:^|-)by$/.test(word)) return 'give a name'
  return word === '--reason' ? 'give a reason' : 'give a value, or leave it out'
}

export const wholeNumber =
  (word: string) =>
  (text: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(text)) {
      throw new InvalidArgumentError(`${word}: give a whole number from 1, and not ${JSON.stringify(text)}`)
    }
    return Number(text)
  }

export const markingAsked = async (word: string, written: string) => {
  const { parseMarking } = await import('../../lambdas/domain/core/marking.ts')
  return usage(word, () => parseMarking(written))
}

export const periodAsked = async (word: string, written: string) => {
  const { parsePeriod } = await import('../../lambdas/domain/core/time/period.ts')
  return usage(word, () => parsePeriod(written))
}

export const periodIdAsked = async (word: string, written: string) => (await periodAsked(word, written)).id

export const observedAsked = async (word: string, written: string) => {
  const { parseObserved } = await import('../../lambdas/domain/core/time/observed.ts')
  return usage(word, () => parseObserved(written))
}

export const portAsked = (word: string, written: string, most = 99_999): number => {
  if (!/^\d{1,5}$/.test(written) || Number(written) > most)
    throw new InvalidArgumentError(`${word}: ${written} is no port`)
  return Number(written)
}

export const originAsked = (word: string, written: string): string => {
  const url = URL.canParse(written) ? new URL(written) : undefined
  if (url?.protocol === 'https:' && url.href === `${url.origin}/`) return url.origin
  throw new InvalidArgumentError(`${word}: give an address like https://vigie.example.org, without a path`)
}

/** Only an issuer on loopback may be without TLS. */
export const issuerAsked = (word: string, written: string): string => {
  const url = URL.canParse(written) ? new URL(written) : undefined
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && url.hostname === '127.0.0.1')) return written
  throw new InvalidArgumentError(`${word}: give the https address of the issuer`)
}

const mostListed = 1_000

export const limitOf = (written: string): number => {
  const limit = Number(written)
  if (/^\d{1,4}$/.test(written) && limit >= 1 && limit <= mostListed) return limit
  throw new InvalidArgumentError(`it is a whole number from 1 to ${mostListed}.`)
}

export const codesOf = async (word: string, written: readonly string[]) => {
  const { codesAmong, noTerritory } = await import('../../lambdas/domain/detection/gazetteer.ts')
  const { codes, unread } = codesAmong(written)
  const [wrong] = unread
  if (wrong) throw new InvalidArgumentError(`${word}: ${faultText(noTerritory(wrong.word))}`)
  return codes
}

/** Parses a dossier key, a group (`all`, `overseas`) or a territory. */
export const subjectAsked = async (word: string, written: string) => {
  const { subjectNamed } = await import('../../lambdas/domain/detection/gazetteer.ts')
  return subjectNamed(written) ?? territoryAsked(word, written)
}

export const territoryAsked = async (word: string, written: string) => {
  const [code, ...more] = await codesOf(word, [written])
  if (code === undefined) throw new InvalidArgumentError(`${word}: it is empty: name a territory`)
  if (more.length > 0)
    throw new InvalidArgumentError(
      `${word}: ${JSON.stringify(written)} is several: give ${[code, ...more].join(' or ')}`,
    )
  return code
}

const anyInstant = async (word: string, written: string): Promise<string> => {
  const { observedFrom, precisionOf } = await import('../../lambdas/domain/core/time/observed.ts')
  return usage(word, () => {
    if (precisionOf(written) !== 'instant')
      throw new Error(`${JSON.stringify(written)} is no instant: write it like 2024-05-20T06:30:00+11:00`)
    return observedFrom(written).from
  })
}

export const instantToCome = async (word: string, written: string): Promise<string> => {
  const instant = await anyInstant(word, written)
  if (Date.parse(instant) <= systemClock().getTime())
    throw new InvalidArgumentError(`${word}: ${written} is past: give an instant to come`)
  return instant
}

export const instantOf = async (word: string, written: string): Promise<string> => {
  const instant = await anyInstant(word, written)
  if (Date.parse(instant) > systemClock().getTime())
    throw new InvalidArgumentError(`${word}: ${written} lies in the future: leave it out for now's data`)
  return instant
}

/** Defaults `by` to this machine's user. */
export const whoDoes = async <Whose extends { readonly by?: string | undefined }>({ by, ...rest }: Whose) => ({
  by: by ?? (await import('./ingest-files.ts')).operator.name,
  ...rest,
})
