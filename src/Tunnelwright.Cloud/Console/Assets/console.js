// Live updates: whatever a page marks with data-live is fetched anew when the change feed speaks, and now and then for the counters.
// Everything works without this script; the page then shows what was true when it was made.
(() => {
  'use strict';
  const counters = 10000;
  const gap = 300;
  const told = 8000;
  const kinds = [
    'connection.requested', 'connection.available', 'connection.changed', 'connection.deleting', 'connection.deleted',
    'keys.rotating', 'keys.rotated', 'endpoint.replacing', 'endpoint.moved', 'endpoint.replaced', 'tunnel.up', 'tunnel.down',
  ];
  const live = () => document.querySelectorAll('[data-live]');
  let waiting = 0;
  let running = false;
  let again = false;

  // Nothing that somebody is typing or choosing is taken away.
  const fields = (place) => [...place.querySelectorAll('input:not([type=hidden]), select, textarea')];
  const original = (field) => field.tagName === 'SELECT' ? [...field.options].find((option) => option.defaultSelected)?.value : field.defaultValue;
  const touched = (field) => field.value !== original(field) || field.ariaInvalid === 'true';
  const same = (one, other) => JSON.stringify(fields(one).map(original)) === JSON.stringify(fields(other).map(original));

  const keep = (old, fresh) => {
    // The settings are those that the form began with: it is still meant for them, whatever else went on.
    if (!same(old, fresh)) return;
    const versions = fresh.querySelectorAll('[name=version]');
    old.querySelectorAll('[name=version]').forEach((field, index) => { if (versions[index]) field.value = versions[index].value; });
  };

  const replace = (page) => {
    for (const old of live()) {
      const fresh = page.getElementById(old.id);
      if (!fresh) continue;
      if (old.contains(document.activeElement) || fields(old).some(touched)) { keep(old, fresh); continue; }
      const open = [...old.querySelectorAll('details')].map((details) => details.open);
      fresh.querySelectorAll('details').forEach((details, index) => { details.open = open[index] ?? details.open; });
      if (fresh.innerHTML !== old.innerHTML) old.replaceWith(document.adoptNode(fresh));
    }
  };

  const refresh = async () => {
    if (running) { again = true; return; }
    running = true;
    try {
      const answer = await fetch(document.body.dataset.page + (location.pathname === document.body.dataset.page ? location.search : ''), { credentials: 'same-origin', redirect: 'manual' });
      if (answer.ok) replace(new DOMParser().parseFromString(await answer.text(), 'text/html'));
      else if (answer.type === 'opaqueredirect') location.reload();
    } catch {
      // The line is down: what stands here stays, and the feed comes back by itself.
    } finally {
      running = false;
      if (again) { again = false; soon(); }
    }
  };

  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, gap);
  };

  if (live().length === 0) return;
  const feed = document.body.dataset.feed;
  if (feed) {
    const source = new EventSource(feed);
    const news = document.getElementById('news');
    let silence = 0;
    for (const kind of kinds) {
      source.addEventListener(kind, (message) => {
        news.textContent = JSON.parse(message.data).text;
        clearTimeout(silence);
        silence = setTimeout(() => { news.textContent = ''; }, told);
        soon();
      });
    }
    addEventListener('pagehide', () => source.close());
  }
  setInterval(() => { if (document.visibilityState === 'visible') soon(); }, counters);
})();
