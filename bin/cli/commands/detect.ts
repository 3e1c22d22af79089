/** `vigie detect`, and what a person decides of what it finds. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { codesOf, notEmpty, usage } from '../arguments.ts'
import type { CliContext } from '../context.ts'
import { run } from '../run.ts'
import { say } from '../terminal.ts'

export const detectCommand = (vigie: Command): void => {
  vigie
    .command('detect')
    .description('find copied texts and accounts that share together beyond chance in posts (docs/detect.md)')
    .argument('<posts...>', 'CSV or NDJSON of posts, zipped or not; - is standard input')
    .option('--territory <code...>', 'what the posts are of: codes, names or groups; candidates are placed there')
    .option('--observed <period|from..to>', 'when copies were seen whose posts have no time')
    .option('--query <name>', 'what the posts were asked for by; ids and the proof of watch tell queries apart', '')
    .option('--method <list>', `${methods.join(', ')} or both, with a comma between`, methodsOf, [...methods])
    .option('--window <time>', 'two shares may be so far apart: 60s, 2m, 1h', windowOf, 60)
    .option('--min-participation <n>', 'leave accounts with fewer posts out; 1, and 2 by CooRTweet’s rule', wholeNumber)
    .addOption(
      new Option('--rule <rule>', 'coortweet counts as CooRTweet does, to compare: it makes no candidates')
        .choices(['own', 'coortweet'])
        .default('own'),
    )
    .option('--crowd-cap <n>', 'what more than so many others share at once drops out there', crowdCapOf, 50)
    .option(
      '--affiliations <json>',
      'accounts that have declared that they act together, by name of what they belong to',
    )
    .option(
      '--judge <table>',
      'hold what CooRTweet or QUT’s toolkit found in these posts against chance; only with --dry-run',
    )
    .option('--map <json>', 'what the columns of the posts mean')
    .option('--marking <tlp>', 'up to which marking candidates and the run may show; as before, else AMBER')
    .option('--dry-run', 'tell what is found, and keep nothing of it', false)
    .addHelpText(
      'after',
      '\nPosts are not kept. What is found becomes candidates, which count nowhere until\na person signs them: see vigie candidates list.\nIt says that posts were shared together more than chance explains: not by whom,\nnot why, not that anything is automated.',
    )
    .action(async (files: string[], words: DetectWords, command: Command) => {
      const {
        territory,
        observed,
        marking,
        rule,
        dryRun,
        minParticipation = rule === 'coortweet' ? 2 : 1,
        ...asked
      } = words
      refuseTogether(words, command)
      const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
      const { parseObserved } = await import('../../../lambdas/domain/core/time/observed.ts')
      const { queryNameOf } = await import('../../../lambdas/domain/coordination/posts/query.ts')
      const stated = {
        query: usage('--query', () => queryNameOf(asked.query)),
        marking: marking === undefined ? undefined : usage('--marking', () => parseMarking(marking)),
        observed: observed === undefined ? undefined : usage('--observed', () => parseObserved(observed)),
        territories: territory && (await codesOf('--territory', territory)),
      }
      const work = async (context: CliContext) => {
        const { detectFiles } = await import('../detect-files.ts')
        const result = await detectFiles({ files, ...asked, ...stated, rule, dryRun, minParticipation }, context)
        return { ok: result.rejected === 0 && result.problems.length === 0, value: result, lines: linesOf(result) }
      }
      await run('detect', command, work, { isTrial: dryRun })
    })
}

/** What is right by itself, and says nothing together. */
const refuseTogether = ({ rule, judge, method, dryRun }: DetectWords, command: Command): void => {
  if (rule === 'coortweet' && !dryRun) {
    command.error('error: --rule coortweet is for comparing, and makes no candidates: say --dry-run with it')
  }
  if (judge === undefined) return
  if (!dryRun) {
    command.error('error: --judge tells what chance gives, and makes no candidates: say --dry-run with it')
  }
  if (rule === 'coortweet' || !method.includes('co-sharing')) {
    command.error(
      'error: --judge holds shares against chance, by our own rule: leave --rule out, and co-sharing in --method',
    )
  }
}

export const candidatesCommands = (vigie: Command): void => {
  const candidates = vigie
    .command('candidates')
    .description('what was found in posts and waits for a person: it counts nowhere until it is signed')
  candidates
    .command('list')
    .description('those that wait for a decision')
    .option('--all', 'those that were decided too', false)
    .action(async ({ all }: { all: boolean }, command: Command) =>
      run('candidates list', command, async ({ services }) => {
        const { candidateLines, candidateOutput } = await import('../candidate-lines.ts')
        const { isWaiting } = await import('../../../lambdas/store/intake/candidates.ts')
        const found = await Array.fromAsync(services.candidates.all())
        const shown = found.filter((one) => all || isWaiting(one))
        return { value: shown.map(candidateOutput), lines: candidateLines(shown) }
      }),
    )
  candidates
    .command('show')
    .description('one of them, with its accounts and what they shared; the whole by --json')
    .argument('<id>', 'of the candidate')
    .action(async (id: string, _options: object, command: Command) =>
      run('candidates show', command, async ({ services }) => {
        const candidate = await services.candidates.get(id)
        if (!candidate) throw new Error(`there is no candidate ${id}: vigie candidates list names them`)
        const { candidateStory } = await import('../candidate-lines.ts')
        return { value: candidate, lines: candidateStory(candidate) }
      }),
    )
  const deciding = (state: 'signed' | 'refused', name: 'sign' | 'refuse', description: string) =>
    candidates
      .command(name)
      .description(description)
      .argument('<id...>', 'of the candidates')
      .requiredOption('--by <name>', 'who decides: it is kept with the candidate', notEmpty('--by', 'say who decides'))
      .addOption(
        new Option('--reason <text>', 'kept with the decision')
          .argParser(notEmpty('--reason'))
          .makeOptionMandatory(state === 'refused'),
      )
      .action(async (ids: string[], { by, reason }: { by: string; reason?: string }, command: Command) =>
        run(`candidates ${name}`, command, async ({ services }) => {
          const { decideCandidates } = await import('../../../lambdas/usecases/detect/decide-candidates.ts')
          const { operator } = await import('../ingest-files.ts')
          const { decided, failed } = await decideCandidates({ ids, state, by, reason, sender: operator }, services)
          for (const { id, message } of failed) say(`${id}: ${message}`)
          return {
            ok: failed.length === 0,
            value: { decided, failed },
            lines: decided.map((id) => `${id} is ${state}`),
          }
        }),
      )
  deciding(
    'signed',
    'sign',
    'store them as detections: reports count them from then on; one that is found no longer stays',
  )
  deciding(
    'refused',
    'refuse',
    'do not; they are not asked about again unless their posts or accounts double; one that was signed and is found no longer is withdrawn',
  )
}

const methods = ['copy-paste', 'co-sharing'] as const

type DetectWords = {
  readonly territory?: string[]
  readonly observed?: string
  readonly query: string
  readonly method: readonly (typeof methods)[number][]
  readonly window: number
  readonly minParticipation?: number
  readonly rule: 'own' | 'coortweet'
  readonly crowdCap: number
  readonly affiliations?: string
  readonly map?: string
  readonly judge?: string
  readonly marking?: string
  readonly dryRun: boolean
}

type DetectResult = import('../../../lambdas/usecases/detect/detect-in-files.ts').DetectResult

function methodsOf(written: string): (typeof methods)[number][] {
  const named = written.split(',').map((word) => word.trim())
  const unknown = named.find((word) => !(methods as readonly string[]).includes(word))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`${JSON.stringify(unknown)} is none of ${methods.join(', ')}.`)
  return methods.filter((method) => named.includes(method))
}

/** In seconds. */
function windowOf(written: string): number {
  const [, count, unit = 's'] = /^(\d{1,6})\s?(s|m|h)?$/.exec(written.trim()) ?? []
  const seconds = Number(count) * { s: 1, m: 60, h: 3_600 }[unit as 's' | 'm' | 'h']
  if (!(seconds >= 1 && seconds <= 86_400)) {
    throw new InvalidArgumentError('write it like 60s, 2m or 1h; from a second to a day.')
  }
  return seconds
}

/** Beyond it pairing takes hours: each share of a crowd is paired with each other one. */
const maxCrowdCap = 1_000

function crowdCapOf(written: string): number {
  const cap = wholeNumber(written)
  if (cap <= maxCrowdCap) return cap
  throw new InvalidArgumentError('it is a whole number from 1 to 1,000: pairing larger crowds takes hours.')
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
    [
      `${counted(posts, 'post')} by ${counted(accounts, 'account')}`,
      ...(doubles > 0 ? [`${english.format(doubles)} came twice and count once`] : []),
      ...(rejected > 0 ? [`${counted(rejected, 'row')} rejected`] : []),
    ].join('; '),
    ...result.problems.map((problem) => `  ${problem}`),
    ...Object.entries(result.noted).map(([what, count]) => `  noted: ${count} × ${what}`),
    ...result.rejects.map(({ file, line, path, message }) => `  rejected: ${file}:${line ?? ''}  ${path} ${message}`),
    ...(copyPaste ? [copiesLine(copyPaste)] : []),
    ...(coSharing ? sharingLines(coSharing) : []),
    ...(result.judged ? judgedLines(result.judged) : []),
    ...result.found.map(({ id, title }) => `  ${id}  ${title}`),
    kept === null
      ? 'nothing is kept: this was a dry run'
      : `candidates: ${kept.new} new, ${kept.revised} revised, ${plural(kept.duplicate, 'duplicate')}, ${kept.refused} refused before, ${kept.merged} merged, ${kept.withdrawn} found no longer${kept.word ? '' : '; no word of the run: it waits for a person, or nothing could be told'}`,
  ]
}

/** Those beyond chance each, the others together: a table of pairs names hundreds of sets. */
const judgedLines = (judged: NonNullable<DetectResult['judged']>): readonly string[] => {
  const beyond = judged.filter(({ verdict }) => verdict?.isBeyondChance)
  const unknown = judged.filter(({ verdict }) => verdict === null)
  const chance = judged.length - beyond.length - unknown.length
  return [
    `judged: ${counted(judged.length, 'set')}; beyond chance ${beyond.length}, may be chance ${chance}, not enough to tell ${unknown.length}`,
    ...beyond.flatMap(({ id, title, accounts, verdict }) => [
      `  ${id}  ${title}`,
      `    ${english.format(verdict?.found ?? 0)} of ${counted(accounts, 'account')} share in these posts; the strongest part: ${counted(verdict?.part ?? 0, 'account')}, strength ${verdict?.score}; ${verdict?.timesByChance} reshuffles as strong`,
    ]),
  ]
}

const copiesLine = ({ clusters, compared, leastRatio }: NonNullable<DetectResult['copyPaste']>): string =>
  clusters === null
    ? 'copied texts: not enough to tell'
    : `copied texts: ${counted(clusters, 'cluster')} in ${counted(compared, 'text')}; up to ${((1 - leastRatio) * 100).toFixed(1)} % of the characters may differ, so a negation is not seen`

const sharingLines = (found: NonNullable<DetectResult['coSharing']>): readonly string[] => {
  const { rule, windowSeconds, pairs, edges, repeatedEdges, reshuffles, groups, groupsByChance } = found
  const shared = `shared within ${windowSeconds} s: ${counted(pairs, 'pair')}, ${counted(edges, 'pair')} of accounts, ${english.format(repeatedEdges)} of them repeated`
  if (rule === 'coortweet') return [shared]
  if (groups === null) return [shared, 'beyond chance: not enough to tell']
  return [
    shared,
    `beyond chance, in ${reshuffles} reshuffles: ${counted(groups, 'group')}, and ${counted(found.pairsClaimed?.length ?? 0, 'pair')} in none; ${counted(groupsByChance ?? 0, 'group')} may be chance`,
    ...Object.entries(found.byChance ?? {}).map(
      ([
        name,
        {
          repeatedEdges: [least, most],
        },
      ]) => `  null ${name}: reshuffled, ${english.format(least)} to ${english.format(most)} repeated pairs`,
    ),
    '  accounts with one habit or one single source look alike: --affiliations leaves those out that declare it',
  ]
}
