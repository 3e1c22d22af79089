import { join } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { systemClock } from '../../../lambdas/config/clock.ts'
import { letterQueues } from '../../../lambdas/domain/checkup/dead-letter.ts'
import { spanOf, type Finding } from '../../../lambdas/domain/checkup/finding.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import type { Remaining, SearchedAccount } from '../../../lambdas/usecases/retention/forget-account.ts'
import type { ListedLetter } from '../answers.ts'
import { say } from '../output/terminal.ts'
import { globalsOf, printOutcome } from '../run.ts'
import { type Asked, bare, command } from '../table.ts'
import { argument, option, flag } from '../words.ts'

const redriving = {
  queue: argument('[queue]', 'whose dead letters; all where it is left out').oneOf(letterQueues),
  send: option('--send', 'send them back to their queue, or invoke their function again'),
  drop: option('--drop', 'delete them: with --only or --all'),
  only: option('--only <id...>', 'only these letters, by id or its first characters'),
  all: option('--all', 'drop every letter of the queue'),
}

export const upkeepCommands = [
  bare('redrive', {
    description: 'list a stage’s dead letters; send them back after fixing the cause, or drop them',
    takes: redriving,
    act: async (asked, self) => {
      const { stage } = globalsOf(self)
      const { queue, send = false, drop = false, only } = asked
      if (stage === undefined)
        throw new InvalidArgumentError('--stage: name a stage, a data folder has no queues and no dead letters')
      checkWords(asked)
      const { openDeadLetters } = await import('../dead-letters.ts')
      const { redrive } = await import('../../../lambdas/usecases/delivery/redrive.ts')
      const opened = await openDeadLetters(stage)
      try {
        const asked = opened.queues.filter(({ name }) => queue === undefined || name === queue)
        if (asked.length === 0) throw new Error(`the stage ${stage} has no queue ${queue}: it sends no mail`)
        const value = await Promise.all(
          asked.map(async ({ name, box, send: again }) => {
            const how = { ...(send && { send: again }), drop, only }
            const { letters, isAll, there, unknown, several } = await redrive(box, how)
            const kept = letters.length > 0 ? await box.keptSeconds() : 0
            const listed = letters.map(({ letter, did, why }) => ({
              ...letter,
              keptUntil: new Date(Date.parse(letter.at) + kept * 1000).toISOString(),
              did,
              ...(why !== undefined && { why }),
            }))
            return { queue: name, letters: listed, isAll, there, unknown, several }
          }),
        )
        const failed = value.flatMap(({ letters }) => letters.filter(({ did }) => did === 'failed'))
        const isUndone = value.some(({ unknown, several }) => unknown.length + several.length > 0)
        printOutcome('redrive', self, {
          ok: failed.length === 0 && !isUndone,
          value,
          lines: [
            ...value.flatMap(({ queue: name, letters, isAll, there, unknown, several }) => [
              ...letters.flatMap(lettersLines),
              ...unknown.map((word) => `--only ${word}: no letter's id begins with it`),
              ...several.map((word) => `--only ${word}: several letters' ids begin with it, give more signs`),
              unknown.length + several.length > 0
                ? `${name}: nothing was done; ${there === 1 ? 'there is' : 'there are'} ${plural(there, 'dead letter')}`
                : `${name}: ${letters.length === 0 ? 'none' : countsOf(letters)}${isAll ? '' : ', and more: run it again'}`,
            ]),
          ],
        })
      } finally {
        opened.close()
      }
    },
  }),
  bare('doctor', {
    description: 'check a data folder and its machine, or a stage and its account; changes nothing',
    act: async (_, self) => {
      const { home, stage } = globalsOf(self)
      const { isHealthy } = await import('../../../lambdas/domain/checkup/finding.ts')
      const findings = stage === undefined ? await ofHome(home) : await ofStage(stage)
      const undone = findings.filter((finding) => !isHealthy([finding])).length
      const ok = isHealthy(findings)
      printOutcome('doctor', self, {
        ok,
        value: { ok, findings },
        lines: [
          ...findings.flatMap(({ check, state, detail, fix }) => [
            `${signs[state]} ${check}: ${detail}`,
            ...(fix === undefined ? [] : [`  → ${fix}`]),
          ]),
          undone === 0 ? 'all in order' : `${undone} to fix`,
        ],
      })
    },
  }),
  bare('backup', {
    description:
      'copy the data folder with its keys, also while Vigie runs; to restore it, use the copy as --home; tokens that were revoked since are valid there',
    takes: { target: argument('<folder>', 'a new or empty folder') },
    act: async ({ target }, self) => {
      const { home } = globalsOf(self)
      const { backUp } = await import('../../../lambdas/store/embedded/backup.ts')
      await backUp(home, target)
      const { quieten } = await import('../home/quieten.ts')
      await quieten(target)
      const lines = [
        `${target} is a copy of ${home}: used as --home, it mails nothing that waited here, and accepts tokens that are revoked after it`,
      ]
      printOutcome('backup', self, { value: { folder: target }, lines })
    },
  }),
  command('forget', {
    description: 'remove an account from all stored data, or data past its retention (docs/personal-data.md)',
    takes: {
      account: argument('[account]', 'its name, with or without @, or its pseudonym acct-…'),
      expired: flag('--expired', 'remove data past its retention (retention in vigie.json)'),
      noted: flag('--noted', 'list removals of accounts'),
    },
    check: (asked, self) => {
      const { account, expired, noted } = asked
      if ([account !== undefined, expired, noted].filter(Boolean).length !== 1)
        self.error('error: name one account, or give --expired or --noted')
      if (account?.trim() === '') self.error('error: an empty name names no account')
      return asked
    },
    run: async ({ account, noted }, { services, pseudonyms, folder, table, stage }) => {
      const { forgetting, clock } = services
      if (noted) {
        const value = await forgetting.noted()
        const outcome = (items: number) => (items === 0 ? 'cut off: forget it again' : plural(items, 'item'))
        return { value, lines: value.map(({ at, items }) => `${at}  ${outcome(items)}`) }
      }
      if (account === undefined) {
        const { readOrganisationLimits } = await import('../../../lambdas/config/organisation-file.ts')
        const { expireAll } = await import('../../../lambdas/usecases/retention/expire-all.ts')
        const value = await expireAll(await readOrganisationLimits(folder), services, table)
        return { value, lines: Object.entries(value).map(([kind, count]) => `${kind}: ${count}`) }
      }
      const { forgetAccount, searchAccount } = await import('../../../lambdas/usecases/retention/forget-account.ts')
      const { mailsIn } = await import('../../../lambdas/mail/mailer.local.ts')
      const { pseudonym, made, source } = await pseudonyms()
      if (made)
        say(
          `the key for pseudonyms was made just now (${source}): accounts stored before have pseudonyms of another key`,
        )
      const { items, rejects } = await forgetAccount(account, { forgetting, pseudonym, clock })
      const mails = stage ? [] : mailsIn(join(folder, 'outbox'))
      const searched = await searchAccount(account, { ...services, pseudonym, mails })
      const removed = items === 0 ? 'nothing was removed' : `removed from ${plural(items, 'item')}`
      return {
        value: { items, rejects, ...searched },
        lines: [`${removed} (${plural(rejects, 'reject')})`, ...searchedLines(searched)],
      }
    },
  }),
]

const maxListed = 20

const searchedLines = ({ remains, searched: { items, files, mails } }: SearchedAccount): readonly string[] => [
  ...Map.groupBy(remains, ({ of }) => of)
    .entries()
    .flatMap(([of, found]) => {
      const listed = of === 'archive' ? found : found.slice(0, maxListed)
      const more = found.length - listed.length
      return [...listed.map(remainingLine), ...(more > 0 ? [`${more} more of these: --json lists all`] : [])]
    }),
  `${remains.length === 0 ? 'nothing that names it was found in' : 'searched:'} ${plural(items, 'stored item')}, ${plural(files, 'archived file')} and ${plural(mails, 'mail')} of the outbox`,
  'not searched: PDFs, pictures, attachments of mails, imported files, backups',
]

const remainingLine = ({ of, id, revision, as, marking, isRecalled, files, notSearched }: Remaining): string => {
  const what = as === 'name' ? 'named' : 'its pseudonym'
  const version = /^(?<subject>[^/]+)\/(?<period>[^/]+)\/[^/]+\/v0*(?<version>\d+)$/.exec(id)?.groups
  if (of === 'archive') {
    const place = version ? `${version.subject} ${version.period} version ${version.version}` : id
    const unread = notSearched?.length ? `; not searched: ${notSearched.join(', ')}` : ''
    return `${what} in archived report ${place}${marking ? `, ${marking}` : ''}${isRecalled ? ', recalled' : ''}: ${files?.join(', ')}${unread}`
  }
  const kind = of.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return `${what} in ${kind}: ${id}${revision === undefined ? '' : `, revision ${revision}`}`
}

/** @throws InvalidArgumentError where options contradict each other or are incomplete */
const checkWords = ({ queue, send, drop, only, all }: Asked<typeof redriving>): void => {
  if (send && drop) throw new InvalidArgumentError('--send, --drop: choose one of the two')
  if (drop && !only && !all) throw new InvalidArgumentError('--drop: name letters with --only, or give --all')
  if ((send || drop || only) && queue === undefined)
    throw new InvalidArgumentError(`queue: name one of ${letterQueues.join(', ')}`)
  if (only?.some((word) => word.length < 4)) throw new InvalidArgumentError('--only: give at least four signs of an id')
}

const lettersLines = ({ id, at, tries, by, cause, keptUntil, body, did, why }: ListedLetter): readonly string[] => [
  `${id}  ${did === 'listed' ? '' : `${did}  `}since ${at}, ${spanOf(systemClock().getTime() - Date.parse(at))}${tries === null ? '' : `, ${plural(tries, 'try', 'tries')}`}, by the ${by}, kept until ${keptUntil}`,
  `  ${why ?? cause}`,
  `  ${body.length > 200 ? `${body.slice(0, 200)}…` : body}`,
]

const countsOf = (letters: readonly ListedLetter[]): string =>
  ['listed', 'sent', 'dropped', 'failed']
    .map((did) => [letters.filter((one) => one.did === did).length, did] as const)
    .filter(([count]) => count > 0)
    .map(([count, did]) => (did === 'listed' ? plural(count, 'dead letter') : `${count} ${did}`))
    .join(', ')

const signs: Readonly<Record<Finding['state'], string>> = { good: '✓', note: '·', broken: '✗', unread: '?' }

const ofHome = async (home: string): Promise<readonly Finding[]> => {
  const { homeFindings } = await import('../../../lambdas/domain/checkup/home-findings.ts')
  const { homeFacts } = await import('../home/home-facts.ts')
  return homeFindings(await homeFacts(home), systemClock().toISOString())
}

const ofStage = async (stage: string): Promise<readonly Finding[]> => {
  const { stageFindings } = await import('../../../lambdas/domain/checkup/stage-findings.ts')
  const { stageFacts } = await import('../home/stage-facts.ts')
  const facts = await stageFacts(stage)
  // Uses AWS's clock where known: the local one may be wrong.
  const now = 'value' in facts.clock ? facts.clock.value.there : systemClock().toISOString()
  return stageFindings(facts, now)
}
