/** Posts for tests of coordination: CooRTweet's own, where they are there, and made ones with and without planted gangs. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Post } from '../../lambdas/domain/coordination/post.ts'

export const coortweetFile = fileURLToPath(
  new URL('../../../shared/data/coordination/coortweet-russian-posts.csv', import.meta.url),
)

/** Read here by other means than Vigie's. */
export const coortweetPosts = (): readonly Post[] =>
  readFileSync(coortweetFile, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [object = '', account = '', id = '', seconds = ''] = line.split(',')
      return { id, account, at: Number(seconds) * 1_000, text: '', object }
    })
