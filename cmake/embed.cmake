# qianda_embed(ROOM NAMESPACE FUNCTION file...): compiles files into the room as
#   std::vector<std::pair<std::string_view, std::string_view>> qianda::NAMESPACE::FUNCTION()   // file name, octets
# in the order given; the function is declared by who uses it.
function(qianda_embed room namespace function)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${function}.embedded.cpp)
  set(paths)
  foreach(file IN LISTS ARGN)
    get_filename_component(path ${file} ABSOLUTE)
    list(APPEND paths ${path})
  endforeach()
  string(REPLACE ";" "|" joined "${paths}")
  add_custom_command(OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DOUT=${generated} -DNAMESPACE=${namespace} -DFUNCTION=${function} "-DFILES=${joined}"
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake VERBATIM)
  target_sources(qianda_${room} PRIVATE ${generated})
endfunction()
