-- Ten thousand different targets made of one pattern, in turn: an instrumentation that remembers raw paths gains
-- nothing. "{id}" is replaced by 1 to 10000, "{few}" by 1 to 10.
local targets, turn = {}, 0

function init(arguments)
  for id = 1, 10000 do
    local path = arguments[1]:gsub("{id}", id):gsub("{few}", id % 10 + 1)
    targets[id] = wrk.format("GET", path)
  end
end

function request()
  turn = turn % #targets + 1
  return targets[turn]
end
