import type { LoopEvent } from '#lib/providers';
import type { RunRecord } from './run-record.js';
import type { RunSink } from './run-sink.js';

/** Keeps an event of the model loop in the record and tells it to whoever listens (API.md, SSE events). */
export function recordEvent(
  event: Exclude<LoopEvent, { type: 'finished' }>,
  record: RunRecord,
  sink: RunSink,
): void {
  switch (event.type) {
    case 'step.started':
      record.startStep(event.step);
      return sink.emit('step.started', { step: event.step });
    case 'text.delta':
      record.addText(event.delta);
      return sink.emit('text.delta', { step: event.step, delta: event.delta });
    case 'tool.call': {
      const { step, toolCallId, name, input } = event;
      record.addToolCall(toolCallId, name, input);
      return sink.emit('tool.call', { step, toolCallId, name, input });
    }
    case 'tool.result': {
      const { step, toolCallId, name, output, error } = event;
      record.addToolResult(toolCallId, output, error);
      return sink.emit('tool.result', { step, toolCallId, name, output, error });
    }
    case 'step.finished': {
      const done = record.finishStep(event.finishReason, event.usage, event.upstreamRequestId, event.model);
      return sink.emit('step.finished', {
        step: event.step,
        finishReason: event.finishReason,
        usage: done?.usage,
      });
    }
  }
}
