import { InvalidArgumentError } from 'commander'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import type { DetectResult } from '../../../lambdas/usecases/detect/detect-in-files.ts'
import { codesOf, markingAsked, observedAsked, usage } from '../arguments.ts'
import type { CliContext } from '../home/context.ts'
import { run } from '../run.ts'
import { bare } from '../table.ts'
import { argument, flag, option } from '../words.ts'

const methods = ['copy-paste', 'co-sharing'] as const

export const detectCommands = [
  bare('detect', {
    description: 'find copied texts and coordinated accounts in tables of posts (docs/data.md)',
    takes: {
      files: argument('<posts...>', 'CSV or NDJSON of posts, zipped or not; - is standard input'),
      territories: option(
        '--territory <code...>',
        'territories of the posts, and so of the candidates: codes, names or groups',
      ).read(codesOf),
      observed: option('--observed <period|from..to>', 'date of copies whose posts have no time').read(observedAsked),
      query: option('--query <name>', 'query that collected the posts; distinguishes ids and the proof of watch')
        .or('')
        .read(async (word, written) => {
          const { queryNameOf } = await import('../../../lambdas/domain/coordination/posts/query.ts')
          return usage(word, () => queryNameOf(written))
        }),
      method: option('--method <list>', `${methods.join(', ')} or both, with a comma between`)
        .parsed(methodsOf)
        .or([...methods]),
      window: option('--window <time>', 'greatest time between two shares: 60s, 2m; 15m at most')
        .parsed(windowOf)
        .or(60),
      minParticipation: option(
        '--min-participation <n>',
        'with CooRTweet’s rule: ignore accounts with fewer posts; 2',
      ).parsed(wholeNumber),
      rule: option('--rule <rule>', 'coortweet counts as CooRTweet does, for comparison; makes no candidates')
        .oneOf(['own', 'coortweet'])
        .or('own'),
      affiliations: option(
        '--affiliations <file>',
        'accounts that declared their affiliation, by name of their organisation, as JSON',
      ),
      map: option('--map <file>', 'meaning of the columns, as JSON'),
      object: option('--object <column>', 'column of what posts share: an image hash, a phrase, a domain'),
      out: option(
        '--out <file>',
        'new file for pairs of accounts that share three things together: .csv or .graphml',
      ).parsed(graphFileOf),
      allPairs: flag('--all-pairs', 'with --out: pairs outside the groups too'),
      marking: option('--marking <tlp>', 'marking of candidates and of the run; as before, else AMBER').read(
        markingAsked,
      ),
      dryRun: flag('--dry-run', 'show the findings, and store nothing'),
    },
    after:
      '\nPosts are not kept. Findings become candidates, which count nowhere until an\nanalyst accepts them: see vigie inbox list.\nA finding means that accounts shared things together more than their own habits\nexplain. It does not show by whom or why, nor that anything is automated.',
    act: async (asked, self) => {
      if (asked.rule === 'coortweet' && !asked.dryRun) {
        self.error('error: --rule coortweet is for comparing, and makes no candidates: add --dry-run')
      }
      const work = async (context: CliContext) => {
        const { detectFiles } = await import('../detect-files.ts')
        const value = await detectFiles(asked, context)
        return { ok: value.rejected === 0 && value.problems.length === 0, value, lines: linesOf(value) }
      }
      await run('detect', self, work, { isTrial: asked.dryRun })
    },
  }),
]

function methodsOf(written: string): (typeof methods)[number][] {
  const named = written.split(',').map((word) => word.trim())
  const unknown = named.find((word) => !(methods as readonly string[]).includes(word))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`${JSON.stringify(unknown)} is none of ${methods.join(', ')}.`)
  return methods.filter((method) => named.includes(method))
}

/** Returns seconds. */
function windowOf(written: string): number {
  const [, count, unit = 's'] = /^(\d{1,6})\s?(s|m)?$/.exec(written.trim()) ?? []
  const seconds = Number(count) * { s: 1, m: 60 }[unit as 's' | 'm']
  if (!(seconds >= 1 && seconds <= 900)) {
    throw new InvalidArgumentError('write it like 60s or 2m; from a second to 15 minutes.')
  }
  return seconds
}

function graphFileOf(written: string): string {
  if (/\.(?:csv|graphml)$/.test(written)) return written
  throw new InvalidArgumentError('its name ends in .csv or .graphml.')
}

function wholeNumber(written: string): number {
  if (!/^[1-9]\d{0,8}$/.test(written)) throw new InvalidArgumentError('it is a whole number from 1.')
  return Number(written)
}

const english = new Intl.NumberFormat('en-GB')

const counted = (count: number, what: string): string =>
  `${english.format(count)} ${plural(count, what).replace(/^\d+ /, '')}`

const linesOf = (result: DetectResult): readonly string[] => {
  const { posts, accounts, doubles, rejected, coSharing, copyPaste, kept } = result
  return [
    ...(coSharing ? [judgedLine(coSharing)] : []),
    [
      `${counted(posts, 'post')} by ${counted(accounts, 'account')}`,
      ...(doubles > 0 ? [`${english.format(doubles)} came twice and count once`] : []),
      ...(rejected > 0 ? [`${counted(rejected, 'row')} rejected`] : []),
    ].join('; '),
    ...result.problems.map((problem) => `  ${problem}`),
    ...Object.entries(result.noted).map(([what, count]) => `  noted: ${count} × ${what}`),
    ...result.rejects.map(({ file, line, path, message }) => `  rejected: ${file}:${line ?? ''}  ${path} ${message}`),
    ...(coSharing ? sharingLines(coSharing) : []),
    ...(copyPaste ? copiesLines(copyPaste) : []),
    ...result.found.map(({ id, title }) => `  ${id}  ${title}`),
    kept === null
      ? 'nothing is kept: this was a dry run'
      : `candidates: ${kept.new} new, ${kept.revised} revised, ${plural(kept.duplicate, 'duplicate')}, ${kept.refused} refused before, ${kept.merged} merged, ${kept.withdrawn} found no longer${kept.word ? '' : result.found.length > 0 ? '; the run is not recorded while candidates wait' : '; the run is not recorded: too little was judged'}`,
  ]
}

const copiesLines = ({ clusters, automatic, compared, leastRatio }: NonNullable<DetectResult['copyPaste']>) =>
  clusters === null
    ? ['copied texts: not enough to tell']
    : [
        `copied texts: ${counted(clusters, 'cluster')} in ${counted(compared, 'text')}; up to ${((1 - leastRatio) * 100).toFixed(1)} % of the characters may differ, so a negation is not seen`,
        ...automatic.map(
          ({ posts, accounts, sample }) =>
            `  automatic posting at fixed times (weather, news), no candidate: ${counted(posts, 'post')} by ${counted(accounts, 'account')}: ${sample}`,
        ),
      ]

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`

/** What was judged, and what was not. */
const judgedLine = ({ pairs, shares, untimed, judged }: NonNullable<DetectResult['coSharing']>): string => {
  if (pairs !== undefined) return 'judged: nothing, pairs are only counted'
  const known = `${counted(shares, 'share')} with a time, ${english.format(untimed)} without`
  if (!judged) return `NOT JUDGED: not enough to tell, fewer than 200 shares by others (${known})`
  const { fraction, isEnough, skipped, sourced } = judged
  return `${isEnough ? 'judged' : 'NOT JUDGED, below 90 %'}: ${percent(fraction)} (${known}; ${counted(skipped, 'pair')} left out); source known for ${percent(sourced)} of the shares`
}

const sharingLines = ({ judged, windowSeconds, ...found }: NonNullable<DetectResult['coSharing']>) => [
  ...(found.pairs === undefined
    ? []
    : [
        `shared within ${windowSeconds} s: ${counted(found.pairs, 'pair')}, ${counted(found.edges ?? 0, 'pair')} of accounts, ${english.format(found.repeatedEdges ?? 0)} of them repeated`,
      ]),
  ...(judged
    ? [`pushed together within ${windowSeconds} s, beyond the accounts’ habits: ${counted(judged.groups, 'group')}`]
    : []),
  ...(judged?.amplifiers ?? []).map(
    ({ source, accounts, things, thingsOfSource }) =>
      `  amplifiers of ${source}, no candidate: ${counted(accounts.length, 'account')}, ${english.format(things)} of ${counted(thingsOfSource, 'thing')}`,
  ),
]
