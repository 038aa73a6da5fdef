/** What flows promise in emulate's Slack holds in the playground's as well: the same tests, once more. */
import { describe } from 'vitest';

process.env.CURFEW_TEST_SLACK = 'playground';

describe('a life', async () => void (await import('../../flows/life-in-slack.test.ts')));
describe('asking', async () => void (await import('../../flows/asking.test.ts')));
describe('deciding', async () => void (await import('../../flows/deciding.test.ts')));
describe('more time', async () => void (await import('../../flows/more-time.test.ts')));
describe('handing back', async () => void (await import('../../flows/handing-back.test.ts')));
