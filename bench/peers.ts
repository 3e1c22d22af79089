/**
 * Our PDF beside other people's, on the same HTML and, where they use one, the same Chromium: `npm run bench:peers`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine, show } from './figures.ts'
import { contest, demoReport } from './pdf.ts'
import { bare, type Contestant, hasJsreport, hasWeasyprint, jsreport, ours, weasyprint } from './printers.ts'

if (!hasJsreport()) throw new Error('jsreport is not installed here: run npm run bench:peers, which installs it')

const contestants: Contestant[] = [ours, bare, jsreport('chrome-pool'), jsreport('dedicated-process')]
if (await hasWeasyprint()) contestants.push(weasyprint)
else process.stderr.write('weasyprint is skipped: it is not on this machine (apt-get install weasyprint)\n')

const home = await mkdtemp(join(tmpdir(), 'vigie-bench-peers-'))
try {
  show({ ...machine(), ...(await contest(contestants, await demoReport(home))) })
} finally {
  await rm(home, { recursive: true })
}
