/** The same work done by two at once: on a home by two commands, on a stage by two commands and two functions. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { type IngestJson, jsonOf, type ReportJson, vigie, writeNdjson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { openedOn } from '../support/services.ts'
import { eventOf, newInstance } from '../support/stack-here.ts'
import { threeIn } from './killed.ts'
import { archiveLook, detectionsLook, homeLook, mailsLook, outboxLook, versionLook } from './look.ts'
import { costOf, endedWith, lostOnly, type Row } from './row.ts'

const week = '2024-W20'
const addresses = (number: number) => ['ana', 'ben', 'eve'].map((name) => `${name}-${number}@example.org`)

const twiceOf = (what: string, times: number) => ({
  lost: times < 1 ? [what] : [],
  twice: times > 1 ? [`${what}, ${times} times`] : [],
  unverified: [],
})

const onHome: Row['inject'] = async (grounds) => {
  const folder = grounds.folder()
  await mkdir(folder)
  const home = join(folder, 'home')
  const ids = Array.from({ length: 300 }, (_, at) => `two-${at}`)
  const file = await writeNdjson(
    join(folder, 'two.ndjson'),
    ...ids.map((id, at) => input({ id, ...(at > 9 && { territories: ['RE'] }) })),
  )
  await openedOn(home, async ({ services }) => {
    for (const address of addresses(0)) await services.recipients.replace(recipient(address))
  })
  const both = (...args: readonly string[]) => Promise.all([0, 1].map(() => vigie([...args, '--home', home, '--json'])))
  const ingests = await both('ingest', file)
  const reports = await both('report', 'NC', week, '--deliver')
  // One may find the other at work on a mail, and says so; done again, all is done.
  const again = await vigie(['report', 'NC', week, '--deliver', '--home', home])
  const accepted = ingests.reduce((sum, ran) => sum + jsonOf<IngestJson>(ran).accepted, 0)
  const made = reports.filter((ran) => ran.code === 0 && jsonOf<ReportJson>(ran).isNew).length
  return openedOn(home, async ({ services }) => {
    const ledger = await services.deliveries.about('NC', week)
    return {
      ...costOf([
        ...ingests.map((ran) => endedWith('ingest', ran)),
        endedWith('the last report', again),
        accepted === ids.length ? costOf([]) : lostOnly(`${accepted} of ${ids.length} were accepted`),
        made > 1 ? twiceOf('the report', made) : costOf([]),
        await detectionsLook(services, 'RE', [week], ids.slice(10)),
        await versionLook(services, { territory: 'NC', period: week }, 10),
        mailsLook(
          (await outboxLook(home)).mails,
          ledger.map((one) => one.recipient),
        ),
        ledger.length === 3 ? costOf([]) : lostOnly('entries of the ledger'),
        await homeLook(home, services),
      ]),
      injected: 2,
      done: 'ingest, report and delivery by two commands at once',
    }
  })
}

const onStage: Row['inject'] = async (grounds) => {
  const stage = await grounds.stage()
  const { stack, services } = stage
  const { number, week: own, ids, file } = await threeIn(grounds, grounds.folder())
  const both = (...args: readonly string[]) => Promise.all([stage.run(args), stage.run(args)])
  const ran = [...(await both('ingest', file)), ...(await both('report', 'NC', own))]
  for await (const one of services.recipients.all())
    await services.recipients.replace({ ...one, state: 'unsubscribed' })
  for (const address of addresses(number)) await services.recipients.replace(recipient(address))
  const { version = 0 } =
    (await services.reports.versions({ territory: 'NC', period: parsePeriod(own), cap: 'TLP:AMBER' })).at(-1) ?? {}
  const word = { territory: 'NC', period: own, cap: 'TLP:AMBER', version, to: 'everybody' }
  const event = eventOf('https://queue/deliveries', {
    Body: JSON.stringify(word),
    MessageId: 'm',
    Attributes: { ApproximateReceiveCount: '1' },
  })
  const instances = await Promise.all([newInstance(stack, 'MailDeliver'), newInstance(stack, 'MailDeliver')])
  await Promise.all(instances.map((one) => one.invoke(event)))
  await instances[0].invoke(event)
  for (const one of instances) await one.close()
  const mailed = (await stack.mail.inbox()).flatMap(({ destination }) => destination.to)
  return {
    ...costOf([
      ...ran.map((one) => endedWith('a command', one)),
      await detectionsLook(services, 'NC', [own], ids),
      await versionLook(services, { territory: 'NC', period: own }, ids.length),
      mailsLook(mailed, addresses(number)),
      await archiveLook(services),
    ]),
    injected: 3,
    done: 'ingest and report by two commands, delivery by two functions at once',
  }
}

export const workerRows: readonly Row[] = [
  { group: 'workers', name: 'the same work by two workers', where: 'a home', inject: onHome },
  { group: 'workers', name: 'the same work by two workers, deployed', where: 'a stage', inject: onStage },
]
