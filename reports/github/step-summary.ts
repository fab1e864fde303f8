import { boundMarkdown } from '../markdown/bound-markdown.ts';
import { markdownSections } from '../markdown/render-markdown.ts';
import type { Report } from '../report-model.ts';

/** GitHub takes no more of a step, and then shows nothing at all. */
const stepLimit = 1_048_576;

/** The report as Markdown for `$GITHUB_STEP_SUMMARY`; what has no room is left out, and so said. */
export const renderStepSummary = (report: Report, limit = stepLimit): string =>
  boundMarkdown(markdownSections(report), limit, 'report.md of the campaign has all of it.');
